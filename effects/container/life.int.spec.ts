/** The handlers on a real containerd: one whole life, every step of it done twice. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerContext } from '../../machines/container.context.ts';
import { lookAtContainer } from './observe.ts';
import { containerPaths } from './paths.ts';
import { makeWorld, type World } from './world.fixture.ts';

let world: World;
before(async () => {
  world = await makeWorld();
});
after(async () => {
  await world.close();
});

/** Runs a handler twice; the second answer must be the first one's. */
const twice: World['run'] = async (type, subject, params) => {
  const answer = await world.run(type, subject, params);
  assert.deepEqual(await world.run(type, subject, params), answer, `${type} done again`);
  return answer;
};

const runOf = (container: ContainerContext) => ({ id: container.id, run: container.run });

async function started(container: ContainerContext): Promise<void> {
  await world.run('root.prepare', container, { id: container.id });
  await world.run('task.create', container, runOf(container));
  await world.run('task.start', container, runOf(container));
}

const exitOf = (container: ContainerContext) =>
  world.run('task.await-exit', container, runOf(container));

/** Records of the json log, as the container wrote them. */
function recordsOf(container: ContainerContext): readonly LogRecord[] {
  const { log } = containerPaths(world.deps.roots, container.id);
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line): LogRecord => JSON.parse(line));
}

interface LogRecord {
  readonly log: string;
  readonly stream: string;
}

const logOf = (container: ContainerContext): string =>
  recordsOf(container)
    .map((record) => record.log)
    .join('');

async function erased(container: ContainerContext): Promise<void> {
  await twice('run.clean', container, runOf(container));
  await twice('container.erase', container, { id: container.id });
  assert.deepEqual(await world.traces(container.id), []);
}

async function runToExit(container: ContainerContext): Promise<string> {
  await started(container);
  const exit = await exitOf(container);
  const log = logOf(container);
  await erased(container);
  return `${exit.code} ${log}`;
}

test('a whole life: prepared, created, started, exited with 7, cleaned, erased', async () => {
  const container = world.context({ Cmd: ['sh', '-c', 'echo out; echo err >&2; exit 7'] });
  const { id } = container;
  assert.deepEqual(await twice('root.prepare', container, { id }), { snapshotter: 'overlayfs' });
  const process = await twice('task.create', container, runOf(container));
  assert.match(process.startTime, /^\d+$/);
  assert.equal(process.bootId, world.deps.bootId);
  const seen = await lookAtContainer(world.deps.containerd, id);
  assert.deepEqual(seen.tasks, [{ id, status: 'created', pid: process.pid }]);
  assert.deepEqual(seen.records, [{ id, run: 1, snapshotKey: id }]);

  const { pid, atNs } = await world.run('task.start', container, runOf(container));
  assert.equal(pid, process.pid);
  assert.match(atNs ?? '', /^\d{19}$/);
  // Who only finds it started does not know since when.
  const again = await world.run('task.start', container, runOf(container));
  assert.deepEqual(again, { pid, atNs: null });
  const exit = await twice('task.await-exit', container, runOf(container));
  assert.equal(exit.code, 7);
  assert.match(exit.atNs ?? '', /^\d{19}$/);
  assert.equal(exit.oomKilled, false);
  assert.equal(exit.outputEnded, true);
  assert.equal(exit.evidence, 'task status STOPPED');
  const lines = recordsOf(container).map(({ stream, log }) => `${stream} ${log}`);
  assert.deepEqual(lines.sort(), ['stderr err\n', 'stdout out\n']);
  assert.deepEqual(await twice('run.clean', container, runOf(container)), {});
  await erased(container);
});

/** runc, with each of its calls on record. */
function recordedRuntime() {
  const calls = `${world.deps.roots.execRoot}/runc.calls`;
  const binaryName = `${world.deps.roots.execRoot}/runc.recorded`;
  writeFileSync(binaryName, `#!/bin/sh\necho "$@" >>${calls}\nexec runc "$@"\n`, { mode: 0o755 });
  const deletions = (): string[] => readFileSync(calls, 'utf8').match(/ delete .*$/gm) ?? [];
  return { binaryName, deletions };
}

test('a task is deleted by the runtime once, one whose shim died by force', async () => {
  const { binaryName, deletions } = recordedRuntime();
  const of = (command: readonly string[]): ContainerContext => {
    const context = world.context({ Cmd: command });
    const { runtime } = context;
    assert.ok(runtime !== null);
    return { ...context, runtime: { ...runtime, options: { ...runtime.options, binaryName } } };
  };
  const short = of(['true']);
  await started(short);
  await exitOf(short);
  await world.run('run.clean', short, runOf(short));
  assert.deepEqual(deletions(), [` delete ${short.id}`]);
  await world.run('container.erase', short, { id: short.id });
  const long = of(['sleep', '600']);
  await started(long);
  process.kill(await shimOf(long), 'SIGKILL');
  assert.equal((await exitOf(long)).code, null);
  for (let looks = 0; looks < 200 && deletions().length < 2; looks += 1) await sleep(50);
  assert.deepEqual(deletions().slice(1), [` delete --force ${long.id}`]);
  await erased(long);
});

test('whom a spec of its own runs as says nothing of other containers of the image', async () => {
  const root = { uid: 0, gid: 0 };
  const spec = {
    ociVersion: '1.0.2',
    process: { args: ['/bin/busybox', 'true'], cwd: '/', user: root },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }] },
  };
  const own = { ...world.context({ Cmd: ['true'], User: 'nobody' }), custom: { spec } };
  await world.run('root.prepare', own, { id: own.id });
  await world.run('task.create', own, runOf(own));
  await erased(own);
  const container = world.context({ Cmd: ['id', '-u'], User: 'nobody' });
  assert.equal(await runToExit(container), '0 65534\n');
});

test('who waits for the output of what is removed unstarted is let go', async () => {
  const { stdio } = world.deps;
  const container = { ...world.context({ Cmd: ['true'] }), run: 0 };
  const { id } = container;
  await world.run('root.prepare', container, { id });
  const waiting = await stdio.attach(id, { stdin: false, stdout: true, stderr: true });
  assert.equal(stdio.isUsed(id), true);
  await world.run('container.erase', container, { id });
  assert.equal((await buffer(waiting)).length, 0);
  assert.equal(stdio.isUsed(id), false);
});

test('a second run is a fresh record, and the first run is unknown from then on', async () => {
  const first = world.context({ Cmd: ['sleep', '60'] });
  await started(first);
  const second = { ...first, run: 2 };
  await assert.rejects(
    world.run('task.create', second, runOf(second)),
    /task \w+ of run 1 is still running/,
  );
  await world.run('task.kill', first, { ...runOf(first), signal: 9 });
  await exitOf(first);
  await world.run('task.create', second, runOf(second));
  await world.run('task.start', second, runOf(second));
  const lost = await exitOf(first);
  assert.deepEqual([lost.code, lost.atNs, lost.evidence], [null, null, 'record is of run 2']);
  await world.run('run.clean', first, runOf(first));
  await world.run('task.kill', second, { ...runOf(second), signal: 15 });
  await world.run('task.kill', second, { ...runOf(second), signal: 9 });
  assert.equal((await exitOf(second)).code, 137);
  await erased(second);
});

test('SIGKILL ends it with 137; then there is nothing more to signal', async () => {
  const container = world.context({ Cmd: ['sleep', '60'] });
  await started(container);
  const waiting = exitOf(container);
  await world.run('task.kill', container, { ...runOf(container), signal: 9 });
  assert.equal((await waiting).code, 137);
  await assert.rejects(world.run('task.kill', container, { ...runOf(container), signal: 9 }), {
    name: 'EffectFailure',
    kind: 'failed',
    message: 'process already finished',
  });
  await erased(container);
});

test('paused and resumed, each of it twice; cleaned up while paused', async () => {
  const container = world.context({ Cmd: ['sleep', '60'] });
  await started(container);
  await twice('task.pause', container, runOf(container));
  await twice('task.resume', container, runOf(container));
  await twice('task.pause', container, runOf(container));
  await erased(container);
});

test('a user by name, with its groups, from the passwd of the root', async () => {
  const container = world.context({ User: 'nobody', Cmd: ['id'] });
  assert.match(await runToExit(container), /^0 .*uid=65534\(nobody\) gid=65533.*26\(tape\)/);
});

test("a user that the root does not know is refused in Docker's words", async () => {
  const container = world.context({ User: 'who' });
  await world.run('root.prepare', container, { id: container.id });
  await assert.rejects(world.run('task.create', container, runOf(container)), {
    name: 'EffectFailure',
    kind: 'failed',
    message: 'unable to find user who: no matching entries in passwd file',
  });
  await erased(container);
});

test("a command that is not there is refused in dockerd's words", async () => {
  const container = world.context({ Cmd: ['no-such-command'] });
  await world.run('root.prepare', container, { id: container.id });
  await assert.rejects(world.run('task.create', container, runOf(container)), {
    kind: 'failed',
    message:
      /^failed to create task for container: .*"no-such-command": executable file not found in/,
  });
  await erased(container);
});

test('the process sees its files, host name, directory and environment', async () => {
  const show = 'hostname; pwd; cat /etc/hosts /etc/hostname; echo "[$SECRET]"; ls -a / /etc';
  const container = world.context({ WorkingDir: '/made/here', Cmd: ['sh', '-c', show] });
  const seen = await runToExit(container);
  const words = ['made/here', 'ip6-localnet', 'secret value', '.dockerenv', 'mtab'];
  for (const word of [container.id.slice(0, 12), ...words]) assert.ok(seen.includes(word), word);
});

test('with a terminal it has one, of the size that was asked for', async () => {
  const container = world.context(
    { Tty: true, Cmd: ['sh', '-c', 'stty size; echo $TERM'] },
    { ConsoleSize: [33, 77] },
  );
  assert.equal(await runToExit(container), '0 33 77\r\nxterm\r\n');
});

test('a read-only root refuses to be written', async () => {
  const container = world.context(
    { Cmd: ['sh', '-c', 'echo x > /file'] },
    { ReadonlyRootfs: true },
  );
  assert.match(await runToExit(container), /^1 .*Read-only file system/);
});

test("on the host network it sees the host's resolver and interfaces", async () => {
  const show = 'cat /etc/resolv.conf; hostname';
  const hostConfig = { NetworkMode: 'host', PidMode: 'host', IpcMode: 'host', UTSMode: 'host' };
  const container = world.context({ Cmd: ['sh', '-c', show] }, hostConfig);
  const seen = await runToExit(container);
  assert.ok(seen.includes(readFileSync('/etc/resolv.conf', 'utf8')), seen);
  assert.ok(seen.includes(`${hostname()}\n`), seen);
});

test('a shim that is killed leaves an unknown exit, never an invented one', async () => {
  const container = world.context({ Cmd: ['sleep', '60'] });
  await started(container);
  const waiting = exitOf(container);
  const shim = await shimOf(container);
  await sleep(200);
  process.kill(shim, 'SIGKILL');
  const exit = await waiting;
  assert.equal(exit.code, null);
  assert.match(exit.evidence, /^shim gone: record of run 1, no task, same boot$/);
  await erased(container);
});

/** The parent of the container's process. */
async function shimOf(container: ContainerContext): Promise<number> {
  const { pid } = await world.deps.containerd.tasks.get({ containerId: container.id });
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]);
}

test('the output of the next run goes on in the same log', async () => {
  const first = world.context({ Cmd: ['sh', '-c', 'echo from run $$'] });
  await started(first);
  await exitOf(first);
  await world.run('run.clean', first, runOf(first));
  const second = { ...first, run: 2 };
  await world.run('task.create', second, runOf(second));
  await world.run('task.start', second, runOf(second));
  assert.equal((await exitOf(second)).code, 0);
  assert.equal(logOf(second).match(/from run/g)?.length, 2);
  await erased(second);
});

test('cleaning up ends a process that still runs', async () => {
  const container = world.context({ Cmd: ['sleep', '60'] });
  await started(container);
  await erased(container);
});

test('erasing works from every step of a life on', async () => {
  const never = world.context();
  await twice('container.erase', { ...never, run: 0 }, { id: never.id });
  const prepared = world.context();
  await world.run('root.prepare', prepared, { id: prepared.id });
  await twice('container.erase', { ...prepared, run: 0 }, { id: prepared.id });
  const created = world.context();
  await world.run('root.prepare', created, { id: created.id });
  await world.run('task.create', created, runOf(created));
  await twice('container.erase', created, { id: created.id });
  for (const { id } of [never, prepared, created]) assert.deepEqual(await world.traces(id), []);
});
