/** The configuration file and its flags, option by option: what is taken, what is refused how. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Options, parseOptions } from '../options.ts';
import { REFUSED } from './refused.ts';
import { OPTION_NAMES } from './table.ts';

const FILE = '/etc/shiplog/daemon.json';

function load(file: unknown, argv: readonly string[] = [], others: Record<string, string> = {}) {
  const parsed = parseOptions(argv, (path) =>
    path === FILE ? JSON.stringify(file) : others[path],
  );
  assert.equal(parsed.kind, 'run');
  return parsed.options;
}

/** Its text after the name of the file. */
function refusal(file: unknown, argv: readonly string[] = []): string {
  try {
    load(file, argv);
  } catch (error) {
    assert.ok(error instanceof Error && error.name === 'OptionError', String(error));
    return error.message.replace(/^unable to configure the daemon with file \S+: /, '');
  }
  return 'taken';
}

const RESERVED = "runtime name 'runc' is reserved";
const of = (runtime: object) => ({ runtimes: { x: runtime } });

/** Every message of dockerd's about runtimes. */
const RUNTIMES: readonly (readonly [object, string])[] = [
  [{ runtimes: { runc: { path: '/x' } } }, RESERVED],
  [{ runtimes: { runc: { runtimeType: 'a.b' } } }, RESERVED],
  [{ runtimes: { 'io.containerd.runc.v2': { path: '/x' } } }, 'taken'],
  [of({}), 'runtime x: either a runtimeType or a path must be configured'],
  [of({ path: '' }), 'runtime x: either a runtimeType or a path must be configured'],
  [of({ options: { a: 1 } }), 'runtime x: either a runtimeType or a path must be configured'],
  [
    of({ path: '/x', runtimeType: 'a.b' }),
    'runtime x: cannot configure both path and runtimeType for the same runtime',
  ],
  [of({ path: '/x', options: { a: 1 } }), 'runtime x: options cannot be used with a path runtime'],
  [of({ path: '/x', options: {} }), 'taken'],
  [
    of({ runtimeType: 'a.b', runtimeArgs: ['y'] }),
    'runtime x: args cannot be used with a runtimeType runtime',
  ],
  [of({ runtimeType: 'a.b', runtimeArgs: [] }), 'taken'],
  [{ 'default-runtime': 'x' }, "specified default runtime 'x' does not exist"],
  [{ 'default-runtime': '/bin/x' }, "specified default runtime '/bin/x' does not exist"],
  [{ 'default-runtime': '../x.y' }, "specified default runtime '../x.y' does not exist"],
  [{ 'default-runtime': 'x', ...of({ path: '/x' }) }, 'taken'],
  [{ 'default-runtime': 'io.containerd.kata.v2' }, 'taken'],
  [{ 'default-runtime': 'runc' }, 'taken'],
  [{ 'default-runtime': '' }, 'taken'],
  [of({ path: 1 }), 'runtimes.x.path must be a string'],
  [of({ path: '/x', runtimeArgs: ['a', 1] }), 'runtimes.x.runtimeArgs[1] must be a string'],
  [{ runtimes: { x: 'y' } }, 'runtimes.x must be an object'],
  [
    of({ path: '/x', args: [] }),
    "the following directives don't match any configuration option: runtimes.x.args",
  ],
];

for (const [file, said] of RUNTIMES) {
  test(`${JSON.stringify(file)}: ${said}`, () => assert.equal(refusal(file), said));
}

test('names of Kubernetes’ runtime classes, and any other, are names of runtimes', () => {
  const names = ['kata', 'a', `a${'-b'.repeat(31)}`, '0-9', 'With Blank', 'ünïcode', 'a.b', 'x/y'];
  const runtimes = Object.fromEntries(names.map((name) => [name, { path: '/x' }]));
  assert.deepEqual(Object.keys(load({ runtimes }).runtimes), names);
});

test('runtimes of flags and of the file are there together; the file wins', () => {
  const file = { runtimes: { a: { path: '/file/a' }, b: { path: '/file/b' } } };
  const argv = ['--add-runtime', 'a=/flag/a', '--add-runtime', ' C = /flag/c '];
  assert.deepEqual(load(file, argv).runtimes, {
    a: { path: '/file/a' },
    c: { path: '/flag/c' },
    b: { path: '/file/b' },
  });
  const twice = ['--add-runtime', 'a=/x', '--add-runtime', 'A=/y'];
  assert.equal(refusal({}, twice), "runtime 'a' was already defined");
});

/** Each option with a value of the file, the same by flags, and what it becomes. */
const TAKEN: readonly (readonly [object, readonly string[], (options: Options) => unknown])[] = [
  [{ 'default-shm-size': '128m' }, ['--default-shm-size', '128m'], (o) => o.defaults.shmSize],
  [{ 'shutdown-timeout': 5 }, ['--shutdown-timeout=5'], (o) => o.shutdownTimeoutMs],
  [{ features: { a: true } }, ['--feature', 'a=true'], (o) => o.features],
  [{ dns: ['8.8.8.8', '::1'] }, ['--dns', '8.8.8.8', '--dns=::1'], (o) => o.network.dns],
  [{ 'dns-opts': ['ndots:1'] }, ['--dns-opt', 'ndots:1'], (o) => o.network.dnsOptions],
  [{ 'dns-search': ['a.b'] }, ['--dns-search', 'a.b'], (o) => o.network.dnsSearch],
  [{ bip: '10.0.0.1/24' }, ['--bip', '10.0.0.1/24'], (o) => o.network.bip],
  [{ mtu: 1400 }, ['--mtu', '1400'], (o) => o.network.mtu],
  [{ iptables: false }, ['--iptables=false'], (o) => o.network.iptables],
  [{ 'userland-proxy': false }, ['--userland-proxy=0'], (o) => o.network.userlandProxy],
  [
    { 'default-address-pools': [{ base: '10.0.0.0/8', size: 24 }] },
    ['--default-address-pool', 'base=10.0.0.0/8,size=24'],
    (o) => o.network.addressPools,
  ],
  [
    { 'default-ulimits': { nofile: { Name: 'nofile', Hard: 20, Soft: 10 } } },
    ['--default-ulimit', 'nofile=10:20'],
    (o) => o.defaults.ulimits,
  ],
  [{ 'log-driver': 'none' }, ['--log-driver', 'none'], (o) => o.defaults.logDriver],
  [{ 'log-opts': { a: 'b' } }, ['--log-opt', 'a=b'], (o) => o.defaults.logOptions],
  [{ 'default-ipc-mode': 'shareable' }, ['--default-ipc-mode', 'shareable'], (o) => o.defaults],
  [{ 'default-cgroupns-mode': 'host' }, ['--default-cgroupns-mode=host'], (o) => o.defaults],
  [{ init: true, 'init-path': '/i' }, ['--init', '--init-path', '/i'], (o) => o.defaults],
  [{ 'no-new-privileges': true }, ['--no-new-privileges'], (o) => o.defaults],
  [{ 'cgroup-parent': '/p' }, ['--cgroup-parent', '/p'], (o) => o.defaults.cgroupParent],
  [
    { 'exec-opts': ['native.cgroupdriver=systemd'] },
    ['--exec-opt', 'native.cgroupdriver=systemd'],
    (o) => o.cgroupDriver,
  ],
  [{ shiplog: { snapshotter: 'native' } }, ['--snapshotter', 'native'], (o) => o.snapshotter],
  [{ 'storage-driver': 'native' }, ['-s', 'native'], (o) => o.snapshotter],
  [{ 'containerd-namespace': 'n' }, ['--containerd-namespace=n'], (o) => o.containerdNamespace],
];

for (const [file, argv, value] of TAKEN) {
  test(`${argv.join(' ')} is ${JSON.stringify(file)}`, () => {
    assert.deepEqual(value(load({}, argv)), value(load(file)));
    assert.notDeepEqual(value(load(file)), value(load({})));
  });
}

const WRONG: readonly (readonly [object, string])[] = [
  [{ labels: ['a'] }, 'bad attribute format: a'],
  [{ 'log-level': 'loud' }, 'invalid logging level: loud'],
  [{ 'default-shm-size': 5 }, 'default-shm-size must be a string'],
  [{ 'default-shm-size': 'much' }, "invalid size: 'much'"],
  [
    { 'default-ipc-mode': 'host' },
    'IPC mode "host" is not supported as default value; use "shareable" or "private"',
  ],
  [
    { 'default-ipc-mode': 'container:x' },
    'IPC mode "container:x" is not supported as default value; use "shareable" or "private"',
  ],
  [
    { 'default-ipc-mode': 'x' },
    'default IPC mode setting (x) is invalid; use "shareable" or "private"',
  ],
  [
    { 'default-cgroupns-mode': 'x' },
    'default cgroup namespace mode (x) is invalid; use "host" or "private"',
  ],
  [{ 'exec-opts': ['native.cgroupdriver=x'] }, 'native.cgroupdriver option x not supported'],
  [{ dns: ['x'] }, 'x is not an ip address'],
  [{ 'dns-search': ['a b'] }, 'a b is not a valid domain'],
  [{ bip: '10.0.0.1' }, 'invalid CIDR address: 10.0.0.1'],
  [{ bip: '10.0.0.1/33' }, 'invalid CIDR address: 10.0.0.1/33'],
  [{ mtu: -1 }, 'invalid default MTU: -1'],
  [{ mtu: 1.5 }, 'mtu must be a whole number'],
  [{ 'max-concurrent-downloads': 0 }, 'invalid max concurrent downloads: 0'],
  [{ 'shutdown-timeout': -2 }, 'invalid shutdown-timeout: -2'],
  [{ 'default-ulimits': { x: { Hard: 1, Soft: 1 } } }, 'invalid ulimit type: x'],
  [
    { 'default-ulimits': { nofile: { Name: 'nofile', Hard: 1, Soft: 2 } } },
    'ulimit soft limit must be less than or equal to hard limit: 2 > 1',
  ],
  [
    { 'default-address-pools': [{ base: '10.0.0.0/16', size: 8 }] },
    'invalid pools subnet size: 8: not within 10.0.0.0/16',
  ],
  [
    { 'default-address-pools': [{ base: '10.0.0.0/16', prefix: 24 }] },
    "the following directives don't match any configuration option: " +
      'default-address-pools[0].prefix',
  ],
  [{ features: { a: 'yes' } }, 'features.a must be true or false'],
  [
    { 'live-restore': false },
    'live-restore is always on: containers run on through the death of the daemon; ' +
      'false is not supported',
  ],
  [{ 'live-restore': true }, 'taken'],
  [{ 'seccomp-profile': '/none' }, 'opening seccomp profile (/none) failed: no such file'],
  [
    { 'storage-driver': 'a', shiplog: { snapshotter: 'b' } },
    'storage-driver a and snapshotter b contradict',
  ],
];

for (const [file, said] of WRONG) {
  test(`${JSON.stringify(file)}: ${said}`, () => assert.equal(refusal(file), said));
}

test('options that dockerd alone has are refused by name, unless they ask for nothing', () => {
  for (const [name, reason] of Object.entries(REFUSED)) {
    const said = `dockerd's option ${name} is not supported by shiplog: ${reason}`;
    assert.equal(refusal({ [name]: ['x'] }), said);
    assert.equal(refusal({ [name]: false }), 'taken');
    assert.equal(refusal({ [name]: '' }), 'taken');
    assert.ok(!OPTION_NAMES.some((one) => one === name), name);
  }
});

test('a profile of seccomp is read with the configuration', () => {
  const argv = ['--seccomp-profile', '/p.json'];
  const { seccomp } = load({}, argv, { '/p.json': '{"a":1}' }).defaults;
  assert.deepEqual(seccomp, { kind: 'file', path: '/p.json', text: '{"a":1}' });
  assert.throws(() => load({}, argv, { '/p.json': '{' }), /opening seccomp profile \(\/p.json\)/);
});

test('an empty file, and one with a byte order mark, are taken as dockerd takes them', () => {
  const parse = (text: string) => parseOptions([], (path) => (path === FILE ? text : undefined));
  for (const text of ['', ' \n', '\uFEFF{"debug":false}']) assert.equal(parse(text).kind, 'run');
});

test('the whole of it is frozen', () => {
  const options = load({ runtimes: { x: { path: '/x', runtimeArgs: ['a'] } }, dns: ['1.1.1.1'] });
  const parts = [options, options.given, options.runtimes, options.runtimes['x'], options.network];
  for (const part of [...parts, options.network.dns, options.runtimes['x']?.runtimeArgs]) {
    assert.ok(Object.isFrozen(part));
  }
});

test('what nothing acts on yet is told, and why', () => {
  assert.deepEqual(load({ debug: false }).warnings, []);
  const mirrors = { 'registry-mirrors': ['https://mirror.example'] };
  assert.deepEqual(load(mirrors).warnings, [
    'registry-mirrors has no effect yet: nothing is pulled or pushed',
  ]);
});
