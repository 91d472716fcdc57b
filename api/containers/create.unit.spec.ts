/** Create: what is refused and why, and the command that comes of what is accepted. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Served, serve } from '../testing/client.ts';
import { ID, OTHER_ID, type World, world } from '../testing/fakes.ts';
import { MAX_VERSION } from '../versions.ts';
import { hostConfig } from './hostConfig.ts';

let served: Served;
let here: World;

before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());
beforeEach(() => {
  here.containers.clear();
  here.outcomes.length = 0;
  here.submitted.length = 0;
  here.ready = true;
});

type Row = readonly [
  method: string,
  path: string,
  body: unknown,
  status: number,
  holds: string | RegExp,
];

const run = (changes: object) => ({ Image: 'busybox', ...changes });
const host = (HostConfig: object) => run({ HostConfig });

const creation: readonly Row[] = [
  ['POST', '/containers/create', run({}), 201, '"Warnings":[]'],
  [
    'POST',
    '/containers/create',
    { image: 'busybox', cmd: 'ls', hostconfig: { autoremove: true } },
    201,
    'Id',
  ],
  ['POST', '/containers/create', {}, 400, 'config cannot be empty in order to create a container'],
  ['POST', '/containers/create', '{"Image":"busybox"} 1', 400, 'unexpected content after JSON'],
  ['POST', '/containers/create', '{"Image":', 400, 'invalid JSON: '],
  ['POST', '/containers/create', run({ Cmd: 3 }), 400, 'invalid JSON: field Cmd must be array'],
  ['POST', '/containers/create', { Image: 'nope' }, 404, 'No such image: nope:latest'],
  [
    'POST',
    '/containers/create?name=x',
    run({}),
    400,
    'Invalid container name (x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  ],
  [
    'POST',
    '/containers/create?platform=linux/arm64',
    run({}),
    404,
    'does not provide the specified platform (linux/arm64)',
  ],
  ['POST', '/containers/create?platform=linux/amd64', run({}), 201, 'Id'],
  [
    'POST',
    '/containers/create',
    run({ WorkingDir: 'a' }),
    400,
    "the working directory 'a' is invalid, it needs to be an absolute path",
  ],
  ['POST', '/containers/create', run({ StopSignal: 'BOGUS' }), 400, 'invalid signal: BOGUS'],
  ['POST', '/containers/create', host({ ShmSize: -1 }), 400, 'SHM size can not be less than 0'],
  ['POST', '/containers/create', host({ IpcMode: 'x' }), 400, 'invalid IPC mode: x'],
  [
    'POST',
    '/containers/create',
    host({ Runtime: 'kata' }),
    400,
    'unknown or invalid runtime name: kata',
  ],
  [
    'POST',
    '/containers/create',
    host({ RestartPolicy: { Name: 'x' } }),
    400,
    "invalid restart policy: unknown policy 'x'",
  ],
  [
    'POST',
    '/containers/create',
    host({ AutoRemove: true, RestartPolicy: { Name: 'always' } }),
    400,
    "can't create 'AutoRemove' container with restart policy",
  ],
  [
    'POST',
    '/containers/create',
    host({ LogConfig: { Type: 'syslog' } }),
    400,
    'error looking up logging plugin syslog: plugin ',
  ],
  [
    'POST',
    '/containers/create',
    host({ LogConfig: { Config: { foo: '1' } } }),
    400,
    "unknown log opt 'foo' for json-file log driver",
  ],
  [
    'POST',
    '/containers/create',
    host({ Binds: ['/a:b'] }),
    500,
    "invalid volume specification: '/a:b': invalid mount config for type",
  ],
  [
    'POST',
    '/containers/create',
    host({ LogConfig: { Type: 'local', Config: { tag: 'x' } } }),
    400,
    "unknown log opt 'tag' for log driver local",
  ],
  [
    'POST',
    '/containers/create',
    host({ LogConfig: { Config: { mode: 'x' } } }),
    400,
    'logger: logging mode not supported: x',
  ],
  [
    'POST',
    '/containers/create',
    host({ LogConfig: { Config: { 'max-buffer-size': '1m' } } }),
    400,
    "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
  ],
  [
    'POST',
    '/containers/create',
    host({ LogConfig: { Config: { mode: 'non-blocking', 'max-buffer-size': 'x' } } }),
    400,
    "error parsing option max-buffer-size: invalid size: 'x'",
  ],
  [
    'POST',
    '/containers/create',
    host({ Binds: null, MemorySwappiness: -1, OomKillDisable: false, Init: null }),
    201,
    'Id',
  ],
  [
    'POST',
    '/containers/create',
    host({ PortBindings: { '80/tcp': [{ HostPort: '80' }] } }),
    201,
    'Id',
  ],
  ['POST', '/containers/create', host({ Memory: 8_000_000 }), 201, 'Memory limited without swap.'],
  ['POST', '/containers/create', host({ Memory: 1 }), 400, 'Minimum memory limit allowed is 6MB'],
  ['POST', '/containers/create', host({ Privileged: true }), 201, 'Id'],
  [
    'POST',
    '/containers/create',
    host({ CapAdd: ['bpf'] }),
    400,
    'capability not supported by your kernel or not available in the current environment',
  ],
  ['POST', '/containers/create', host({ IpcMode: 'container:a' }), 400, 'No such container: a'],
];

for (const row of creation) {
  const [method, path, body, status, holds] = row;
  const shown = JSON.stringify(body)?.slice(0, 60) ?? '';
  test(`${method} ${path} ${shown} → ${status} ${holds}`, async () => {
    const answer = await served.ask(method, encodeURI(path), body);
    assert.equal(answer.status, status, answer.body);
    if (typeof holds === 'string') assert.ok(answer.body.includes(holds), answer.body);
    else assert.match(answer.body, holds);
    if (status >= 400 && !path.startsWith('/v1.10/'))
      assert.equal(answer.headers['content-type'], 'application/json');
  });
}

test('a body that is not JSON by its header is refused', async () => {
  const type = { 'Content-Type': 'text/plain' };
  const answer = await served.ask('POST', '/containers/create', '{}', type);
  assert.equal(answer.status, 400);
  assert.match(
    answer.body,
    /unsupported Content-Type header \(text\/plain\): must be 'application\/json'/,
  );
});

test('the command of create holds the merged config, the defaults and the secrets', async () => {
  const body = run({ Env: ['A=1', 'TERM', 'LANG=de'], Cmd: ['ls'], Labels: { x: 'y' } });
  const answer = await served.ask('POST', '/containers/create?name=/web', body);
  assert.equal(answer.status, 201);
  const [command] = here.submitted;
  assert.ok(command?.type === 'create');
  assert.equal(command.name, 'web');
  assert.equal(JSON.parse(answer.body).Id, command.id);
  assert.deepEqual(command.config.Labels, { from: 'image', x: 'y' });
  assert.deepEqual(command.config.Cmd, ['ls']);
  assert.deepEqual(
    command.env.map(({ ref, value }) => [ref.name, ref.digest === '' ? null : value]),
    [
      ['A', '1'],
      ['TERM', null],
      ['LANG', 'de'],
      ['PATH', '/bin'],
    ],
  );
  const { NetworkMode, CgroupnsMode, ShmSize, Runtime } = command.hostConfig;
  assert.deepEqual(
    [NetworkMode, CgroupnsMode, ShmSize, Runtime],
    ['bridge', 'host', 67_108_864, 'runc'],
  );
  assert.equal(command.config.Hostname, command.id.slice(0, 12));
});

test('link-local addresses are kept in short; what is no address is refused', async () => {
  const asked = (...LinkLocalIPs: string[]) => {
    const NetworkingConfig = { EndpointsConfig: { front: { IPAMConfig: { LinkLocalIPs } } } };
    const body = { ...host({ NetworkMode: 'front' }), NetworkingConfig };
    return served.ask('POST', '/containers/create', body);
  };
  assert.equal((await asked('169.254.1.5', 'FE80:0:0::5')).status, 201);
  const [command] = here.submitted;
  assert.ok(command?.type === 'create');
  const linkLocal = ['169.254.1.5', 'fe80::5'];
  assert.deepEqual(command.networks, [{ network: 'front', linkLocal }]);
  for (const one of ['nonsense', '', '0.0.0.0', '::']) {
    const { status, body } = await asked('169.254.1.5', one);
    assert.equal(status, 400, one);
    assert.ok(body.includes(`invalid link-local IP address: ${one}`), body);
  }
});

test('a taken generated name gets a digit, and at last is the short id', async () => {
  const taken = { kind: 'name-in-use', name: 'x', holder: OTHER_ID } as const;
  for (let count = 0; count < 6; count += 1)
    here.outcomes.push({ kind: 'refused', refusal: taken });
  assert.equal((await served.ask('POST', '/containers/create', run({}))).status, 201);
  const names = here.submitted.map((command) => (command.type === 'create' ? command.name : ''));
  assert.match(names[0] ?? '', /^[a-z]+_[a-z]+$/);
  assert.match(names[1] ?? '', /^[a-z]+_[a-z]+\d$/);
  const last = here.submitted.at(-1);
  assert.ok(last?.type === 'create');
  assert.equal(last.name, last.id.slice(0, 12));
  assert.equal(names.length, 7);
});

test('a taken name that the caller gave is a conflict', async () => {
  here.outcomes.push({
    kind: 'refused',
    refusal: { kind: 'name-in-use', name: 'web', holder: ID },
  });
  const answer = await served.ask('POST', '/containers/create?name=web', run({}));
  assert.equal(answer.status, 409);
  assert.match(answer.body, /Conflict\. (?:.)+ is already in use by container \\"?([0-9a-z]+)\\"?/);
});

test("the daemon's log driver and its options are those of whoever names no other", () => {
  const given = { type: 'local', options: { 'max-size': '1m' } };
  const defaults = { defaultRuntime: 'runc', cgroupVersion: '1', logConfig: given } as const;
  const of = (LogConfig?: { Type?: string; Config?: Record<string, string> }) =>
    hostConfig(LogConfig === undefined ? {} : { LogConfig }, defaults, MAX_VERSION).LogConfig;
  assert.deepEqual(of(), { Type: 'local', Config: { 'max-size': '1m' } });
  assert.deepEqual(of({ Type: 'json-file' }), { Type: 'json-file', Config: {} });
  const own = { 'max-size': '2m' };
  assert.deepEqual(of({ Config: own }), { Type: 'local', Config: own });
});
