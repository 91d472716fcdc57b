/**
 * Runtimes with arguments: what a container was started with stays with it through reloads and
 * restarts of the daemon, whatever its name means by then; the new meaning comes with its next
 * start. The runtime is Debian's runc behind a script, so each use leaves a trace.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const file = join(daemon.dir, 'daemon.json');
const wrappers = join(daemon.dataRoot, 'runtimes');

const configure = (config: object): void => writeFileSync(file, JSON.stringify(config));

/** runc behind a script that keeps what it was told to do in the file of its first argument. */
const program = join(daemon.dir, 'traced runc');
writeFileSync(program, '#!/bin/sh\nlog=$1; shift\necho "$*" >>"$log"\nexec runc "$@"\n', {
  mode: 0o755,
});

const traced = (word: string) => ({
  runtimes: { traced: { path: program, runtimeArgs: [join(daemon.dir, `${word} .log`)] } },
});

const trace = (word: string): string => {
  const path = join(daemon.dir, `${word} .log`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

interface Locked {
  readonly Name: string;
  readonly Wrapper: string;
  readonly WrapperDigest: string;
}

const digest = ({ WrapperDigest }: Locked): string => WrapperDigest.replace('sha256:', '');

async function locked(name: string): Promise<Locked> {
  const format = '{{json .Shiplog.Runtime}}';
  const said = success(await daemon.docker('inspect', '-f', format, name));
  return JSON.parse(said) as Locked;
}

const docker = async (...args: readonly string[]): Promise<string> =>
  success(await daemon.docker(...args)).trim();

/** Ends with 3 when it is told to. */
const OBEYS = 'trap "exit 3" TERM; while :; do sleep 0.1; done';

const runTraced = (name: string) =>
  docker('run', '-d', '--name', name, '--runtime', 'traced', 'busybox', 'sh', '-c', OBEYS);

/** `path` answers with JSON. */
async function ask<T>(method: string, path: string): Promise<{ status: number; value: T }> {
  const { status, body } = await daemon.request(method, path);
  return { status, value: JSON.parse(body) as T };
}

interface Report {
  readonly changed: readonly string[];
  readonly atRestart: readonly string[];
  readonly warnings: readonly string[];
}

async function reload(): Promise<Report> {
  const { status, value } = await ask<Report>('POST', '/shiplog/v1/reload');
  assert.equal(status, 200, JSON.stringify(value));
  return value;
}

const refusedReload = async (): Promise<string> => {
  const { status, value } = await ask<{ message: string }>('POST', '/shiplog/v1/reload');
  assert.equal(status, 400);
  return value.message;
};

test('a container outlives its runtime’s name, and is managed', async () => {
  configure(traced('first'));
  assert.deepEqual((await reload()).changed, ['runtimes']);
  await runTraced('web');
  const first = await locked('web');
  assert.equal(first.Name, 'traced');
  assert.deepEqual(readdirSync(wrappers), [digest(first)]);
  assert.match(trace('first'), / create /);

  configure({ runtimes: {} });
  await reload();
  assert.equal(await docker('exec', 'web', 'echo', 'still here'), 'still here');
  await daemon.restart();
  assert.deepEqual(await locked('web'), first);
  assert.equal(await docker('exec', 'web', 'echo', 'here again'), 'here again');

  configure(traced('second'));
  await reload();
  assert.deepEqual(await locked('web'), first, 'never before its next start');
  assert.equal(await docker('exec', 'web', 'echo', 'as ever'), 'as ever');
  assert.equal(trace('second'), 'features\n', 'it was asked, and not used');
  await docker('restart', '-t', '1', 'web');
  const second = await locked('web');
  assert.notEqual(second.WrapperDigest, first.WrapperDigest);
  assert.match(trace('second'), / create /);
  await docker('stop', '-t', '1', 'web');
  await docker('start', 'web');

  assert.equal(readdirSync(wrappers).includes(digest(first)), true, 'only a start clears up');
  configure({});
  await daemon.restart();
  assert.deepEqual(readdirSync(wrappers), [digest(second)], 'the one is needed, the other is not');
  assert.equal(await docker('exec', 'web', 'echo', 'to the end'), 'to the end');
  const refused = await ask<{ message: string }>('POST', '/containers/web/restart?t=1');
  const unknown = 'Cannot restart container web: unknown or invalid runtime name: traced';
  assert.deepEqual([refused.status, refused.value.message], [500, unknown]);
  assert.equal(await docker('exec', 'web', 'echo', 'nothing was stopped'), 'nothing was stopped');
  await docker('stop', 'web');
  assert.equal(await docker('inspect', '-f', '{{.State.ExitCode}}', 'web'), '3');
  await docker('rm', 'web');
});

test('a container whose runtime is gone does not start, and starts when it is back', async () => {
  configure(traced('third'));
  await reload();
  await docker('create', '--name', 'later', '--runtime', 'traced', 'busybox', 'true');
  configure({ runtimes: {} });
  await reload();
  const answer = await ask<{ message: string }>('POST', '/containers/later/start');
  assert.equal(answer.status, 500);
  assert.equal(answer.value.message, 'unknown or invalid runtime name: traced');
  const shown = '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}';
  const state = await docker('inspect', '-f', shown, 'later');
  assert.match(state, / 128 unknown or invalid runtime name: traced$/);
  const why = await ask<{ answer: string }>('GET', '/shiplog/v1/containers/later/why');
  assert.match(
    why.value.answer,
    /^later has never run: .* but its runtime traced is not in the dae/,
  );
  configure(traced('third'));
  await reload();
  await docker('start', '-a', 'later');
  await docker('rm', 'later');
});

for (const name of ['/usr/bin/containerd-shim-runc-v2', '../x.y', 'kata', '.x', './runc.v2']) {
  test(`${name} is refused at create`, async () => {
    const body = { Image: 'busybox', Cmd: ['true'], HostConfig: { Runtime: name } };
    const { status, body: text } = await daemon.request('POST', '/containers/create', body);
    assert.equal(status, 400);
    assert.match(text, /unknown or invalid runtime name: /);
  });
}

test('a shim’s name goes to containerd as it is, which says what it lacks', async () => {
  const args = ['--name', 'shim', '--runtime', 'io.containerd.nobody.v2', 'busybox', 'true'];
  const { stderr } = await daemon.docker('run', ...args);
  assert.match(stderr, /runtime "io\.containerd\.nobody\.v2" binary not installed/);
  await docker('rm', 'shim');
});

test('a bad file changes nothing, by request or by signal, and says why', async () => {
  configure({ ...traced('kept'), labels: ['a=b'] });
  await reload();
  const before = await docker('info', '-f', '{{json .Runtimes}} {{.Labels}}');
  configure({ labels: ['c=d'], runtimes: { runc: { path: '/x' } } });
  assert.equal(await refusedReload(), "runtime name 'runc' is reserved");
  configure({ labels: ['c=d'], 'default-runtime': 'bogus' });
  assert.equal(await refusedReload(), "specified default runtime 'bogus' does not exist");
  writeFileSync(file, '{');
  assert.match(await refusedReload(), /daemon\.json/);
  process.kill(daemon.pid(), 'SIGHUP');
  const told = () => daemon.output().split('was not reloaded').length > 4;
  assert.ok(await within(5_000, told), daemon.output());
  assert.equal(await docker('info', '-f', '{{json .Runtimes}} {{.Labels}}'), before);
});

test('a reload is an event, changes what can change, and names what can not', async () => {
  const since = await docker('info', '-f', '{{.SystemTime}}');
  configure({
    labels: ['x=y'],
    debug: true,
    mtu: 1400,
    'default-runtime': 'io.containerd.runc.v2',
  });
  const { changed, atRestart } = await reload();
  assert.deepEqual([changed, atRestart], [['debug', 'labels', 'default-runtime'], ['mtu']]);
  const format = '{{.Labels}} {{.Debug}} {{.DefaultRuntime}}';
  assert.equal(await docker('info', '-f', format), '[x=y] true io.containerd.runc.v2');
  configure({ labels: [], debug: false, 'default-runtime': 'runc' });
  process.kill(daemon.pid(), 'SIGHUP');
  const quiet = async () => (await docker('info', '-f', format)) === '[] false runc';
  assert.ok(await within(5_000, quiet));

  const until = await docker('info', '-f', '{{.SystemTime}}');
  const window = ['--since', since, '--until', until, '--filter', 'type=daemon'];
  const lines = (await docker('events', ...window, '--format', '{{json .}}')).split('\n');
  const events = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ Action, Actor }) => [Action, Actor.Attributes.labels, Actor.Attributes.debug]),
    [
      ['reload', '["x=y"]', 'true'],
      ['reload', '[]', 'false'],
    ],
  );
  assert.equal(events[0].Actor.ID, await docker('info', '-f', '{{.ID}}'));
  assert.equal(events[0].Actor.Attributes['default-shm-size'], '67108864');
});

test('info shows runtimes with path, arguments and features', async () => {
  configure(traced('shown'));
  await reload();
  interface Shown {
    readonly path?: string;
    readonly runtimeArgs?: readonly string[];
    readonly status?: Readonly<Record<string, string>>;
  }
  const { value } = await ask<{ Runtimes: Readonly<Record<string, Shown>> }>('GET', '/v1.44/info');
  assert.deepEqual(Object.keys(value.Runtimes), ['runc', 'io.containerd.runc.v2', 'traced']);
  const { traced: one } = value.Runtimes;
  assert.deepEqual([one?.path, one?.runtimeArgs?.length], [program, 1]);
  const features = one?.status?.['org.opencontainers.runtime-spec.features'] ?? '{}';
  assert.ok(JSON.parse(features).mountOptions.includes('rbind'));
});
