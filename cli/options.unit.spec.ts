/** How flags and the configuration file become one value, and what is refused in which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagOf, OPTION_NAMES } from './config/table.ts';
import { printHost } from './host.ts';
import { HELP, type Options, parseOptions } from './options.ts';

const noFile = (): undefined => undefined;

function run(argv: readonly string[], files: Readonly<Record<string, unknown>> = {}): Options {
  const parsed = parseOptions(argv, (path) =>
    path in files ? JSON.stringify(files[path]) : undefined,
  );
  assert.equal(parsed.kind, 'run');
  return parsed.options;
}

const FILE = '/etc/shiplog/daemon.json';

test('without flags and file the defaults hold', () => {
  const { defaults, network, registries, ...daemon } = run([]);
  assert.deepEqual(daemon, {
    given: {},
    hosts: [{ kind: 'unix', path: '/run/shiplog/shiplog.sock' }],
    dataRoot: '/var/lib/shiplog',
    execRoot: '/run/shiplog',
    configFile: null,
    containerd: null,
    containerdNamespace: null,
    snapshotter: 'overlayfs',
    logLevel: 'info',
    group: null,
    pidfile: null,
    debug: false,
    labels: [],
    metricsAddress: null,
    headWitness: null,
    shutdownTimeoutMs: 15_000,
    features: {},
    runtimes: {},
    defaultRuntime: 'runc',
    cgroupDriver: null,
    warnings: [],
  });
  assert.deepEqual([defaults.shmSize, defaults.ipcMode], [67_108_864, 'private']);
  assert.deepEqual(defaults.seccomp, { kind: 'builtin' });
  assert.deepEqual([network.iptables, network.ipv6, network.mtu], [true, false, null]);
  assert.equal(registries.concurrentDownloads, 3);
});

test('the result and its lists are frozen', () => {
  const options = run([]);
  assert.ok(Object.isFrozen(options) && Object.isFrozen(options.hosts));
  assert.ok(Object.isFrozen(options.labels));
});

test('the default socket moves with the exec root', () => {
  assert.deepEqual(run(['--exec-root', '/tmp/x/']).hosts, [
    { kind: 'unix', path: '/tmp/x/shiplog.sock' },
  ]);
  assert.equal(run(['--exec-root', '/']).execRoot, '/');
});

test('every flag is taken, hosts and labels as often as given', () => {
  const argv = ['-H', 'unix:///a.sock', '--host=unix:///b.sock', '--data-root', '/d'];
  argv.push('--containerd', 'unix:///c.sock', '-l', 'warn', '-G', 'docker', '-p', '/p.pid');
  const options = run([...argv, '--label', 'a=b', '--label', 'c=d=e']);
  assert.deepEqual(options.hosts.map(printHost), ['unix:///a.sock', 'unix:///b.sock']);
  assert.equal(options.dataRoot, '/d');
  assert.equal(options.containerd, '/c.sock');
  assert.equal(options.logLevel, 'warn');
  assert.equal(options.group, 'docker');
  assert.equal(options.pidfile, '/p.pid');
  assert.deepEqual(options.labels, ['a=b', 'c=d=e']);
});

test('debug sets the log level', () => {
  const { debug, logLevel } = run(['-D']);
  assert.deepEqual([debug, logLevel], [true, 'debug']);
});

test('help and version win over everything else', () => {
  assert.deepEqual(parseOptions(['--help', '-H', 'nonsense'], noFile), { kind: 'help' });
  assert.deepEqual(parseOptions(['-v'], noFile), { kind: 'version' });
});

test('the help text names every flag that is taken', () => {
  const flags = [...OPTION_NAMES.map(flagOf), 'config-file', 'validate', 'version', 'help'];
  for (const flag of flags) assert.match(HELP, new RegExp(`--${flag} `));
});

test('flags are written as those of dockerd', () => {
  const options = run(['-Hunix:///x', '-D=false', '-l=warn', '--iptables=false', '--ipv6']);
  assert.deepEqual(options.hosts.map(printHost), ['unix:///x']);
  assert.deepEqual([options.debug, options.logLevel], [false, 'warn']);
  assert.deepEqual([options.network.iptables, options.network.ipv6], [false, true]);
});

test('the file gives what the flags do not', () => {
  const file = { hosts: ['unix:///f.sock'], 'exec-root': '/e', debug: true, labels: ['k=v'] };
  const options = run(['--data-root', '/d'], { [FILE]: file });
  assert.equal(options.configFile, FILE);
  assert.deepEqual(options.hosts.map(printHost), ['unix:///f.sock']);
  assert.deepEqual([options.execRoot, options.dataRoot], ['/e', '/d']);
  assert.deepEqual([options.logLevel, options.labels], ['debug', ['k=v']]);
});

test('an option in both places is refused with both values', () => {
  const file = { hosts: ['unix:///b'], debug: true };
  const words = [
    'unable to configure the daemon with file /etc/shiplog/daemon.json: ',
    'the following directives are specified both as a flag and in the configuration file: ',
    'hosts: (from flag: [unix:///a], from file: [unix:///b]), ',
    'debug: (from flag: true, from file: true)',
  ];
  const message = words.join('');
  assert.throws(() => run(['-H', 'unix:///a', '-D'], { [FILE]: file }), { message });
});

test('a configuration file that was named must exist', () => {
  assert.throws(() => run(['--config-file', '/nowhere']), /\/nowhere: no such file/);
});

test('what the file says must be known and have the right type', () => {
  const refused = (file: unknown, words: RegExp) =>
    assert.throws(() => run([], { [FILE]: file }), words);
  refused({ bogus: true, snapshotter: 'x' }, /any configuration option: bogus, snapshotter$/);
  refused({ shiplog: { debug: true } }, /any configuration option: shiplog.debug$/);
  refused({ hosts: 'unix:///a' }, /hosts must be a list of strings/);
  refused({ hosts: ['unix:///a', 1] }, /hosts\[1\] must be a string/);
  refused({ 'log-opts': { 'max-size': 1 } }, /log-opts.max-size must be a string/);
  refused({ debug: 'yes' }, /debug must be true or false/);
  refused({ 'data-root': 1 }, /data-root must be a string/);
  refused([], /one JSON object/);
  assert.throws(() => parseOptions([], () => '{'), /daemon\.json: .*JSON/);
});

test('TCP is refused, for there is no TLS', () => {
  for (const host of ['tcp://0.0.0.0:2375', 'tcp://127.0.0.1:1', 'tcp://[::]:1']) {
    assert.throws(() => run(['-H', host]), /no TLS/, host);
  }
});

test('other nonsense is refused in words', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['-H', 'fd://'], /invalid host "fd:\/\/"/],
    [['-H', 'unix://relative'], /must be absolute/],
    [['-H', `unix:///${'x'.repeat(107)}`], /at most 107 bytes/],
    [['--data-root', 'relative'], /data-root must be an absolute path/],
    [['--log-level', 'loud'], /invalid logging level: loud/],
    [['--label', 'nothing'], /bad attribute format: nothing/],
    [['--frobnicate'], /^OptionError: unknown flag: --frobnicate\nSee 'shiplog daemon --help'\.$/],
    [['-x'], /unknown shorthand flag: 'x' in -x/],
    [['positional'], /unexpected argument: positional/],
    [['--data-root'], /flag needs an argument: --data-root/],
    [['-H'], /flag needs an argument: 'H' in -H/],
    [['--debug=perhaps'], /invalid argument "perhaps" for "--debug" flag: strconv.ParseBool/],
    [['--mtu', 'much'], /invalid argument "much" for "--mtu" flag: strconv.ParseInt/],
    [['--add-runtime', 'x'], /invalid runtime argument: x/],
    [['--tls'], /dockerd's option --tls is not supported by shiplog: there is no TLS yet/],
  ];
  for (const [argv, words] of cases) assert.throws(() => run(argv), words, argv.join(' '));
});

test('metrics are served on any address of the machine, by flag or file', () => {
  const parse = (address: string) => {
    const parsed = parseOptions(['--metrics-addr', address], () => undefined);
    return parsed.kind === 'run' ? parsed.options.metricsAddress : undefined;
  };
  assert.deepEqual(parse('0.0.0.0:9323'), { host: '0.0.0.0', port: 9323 });
  assert.deepEqual(parse('[::]:9323'), { host: '::', port: 9323 });
  assert.deepEqual(parse('localhost:0'), { host: '127.0.0.1', port: 0 });
  for (const bad of ['9323', ':9323', 'example:1', '127.0.0.1:99999'])
    assert.throws(() => parse(bad), /invalid metrics-addr/, bad);
});
