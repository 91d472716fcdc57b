/** The handlers of execs on a real containerd, every step done twice. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { ContainerContext } from '../../machines/container.context.ts';
import type { ExecConfig } from '../../machines/exec.facts.ts';
import { makeWorld, type World } from '../container/world.fixture.ts';
import type { ExecSubject } from '../handler.ts';
import { connectStdio, type Stdio } from '../stdio/client.ts';
import { containerId } from '../system/ids.ts';
import { stdioKey } from './execOutput.ts';

let world: World;
let stdio: Stdio;
let container: ContainerContext;
before(async () => {
  world = await makeWorld();
  stdio = await connectStdio({ dir: join(world.deps.roots.execRoot, 'stdio') });
  container = await started();
});
after(async () => {
  stdio.disconnect();
  await world.close();
});

async function started(): Promise<ContainerContext> {
  const made = world.context({ Cmd: ['sleep', '600'] });
  await world.run('root.prepare', made, { id: made.id });
  await world.run('task.create', made, { id: made.id, run: 1 });
  await world.run('task.start', made, { id: made.id, run: 1 });
  return made;
}

/** Runs a handler twice; the second answer must be the first one's. */
const twice: World['run'] = async (type, subject, params) => {
  const answer = await world.run(type, subject, params);
  assert.deepEqual(await world.run(type, subject, params), answer, `${type} done again`);
  return answer;
};

function execIn(of: ContainerContext, config: Partial<ExecConfig>): ExecSubject {
  const plain = { Cmd: [], User: '', WorkingDir: '', Privileged: false, DetachKeys: '' };
  const attached = { AttachStdin: false, AttachStdout: true, AttachStderr: true, Tty: false };
  const exec = {
    execId: containerId(),
    container: of.id,
    run: 1,
    config: { ...plain, ...attached, ...config },
    env: [],
    detach: false,
    pid: 0,
    failure: null,
    exit: null,
  };
  return { container: of, exec };
}

const refOf = ({ container: { id }, exec }: ExecSubject) => ({ id, run: 1, exec: exec.execId });

test('it is started once, its output is had by who attached before, its exit is read', async () => {
  const exec = execIn(container, {
    Cmd: ['sh', '-c', 'echo $SECRET; id -u; exit 5'],
    User: 'nobody',
  });
  const wants = { stdin: false, stdout: true, stderr: true };
  const live = await stdio.attach(stdioKey(exec.exec.execId), wants);
  const { pid } = await world.run('exec.start', exec, refOf(exec));
  assert.ok(pid > 0);
  assert.equal((await world.run('exec.start', exec, refOf(exec))).pid, pid);
  const exit = await twice('exec.await-exit', exec, refOf(exec));
  assert.deepEqual([exit.code, exit.outputEnded, exit.evidence], [5, true, 'process ended']);
  assert.match(exit.atNs ?? '', /^\d{19}$/);
  const output = (await buffer(live)).toString('latin1');
  assert.match(output, /secret value\n/);
  assert.match(output, /65534\n/);
  await twice('exec.clean', exec, refOf(exec));
  assert.deepEqual(await world.traces(exec.exec.execId), []);
  // Who asks again after all was cleaned up is told that nobody knows, not a made-up code.
  const lost = await world.run('exec.await-exit', exec, refOf(exec));
  assert.deepEqual([lost.code, lost.atNs], [null, null]);
});

test('what has ended as soon as it runs ends with its start, and what has not later', async () => {
  const early = async (...Cmd: string[]) => {
    const exec = execIn(container, { Cmd });
    const { exit } = await world.run('exec.start', exec, refOf(exec));
    const later = await world.run('exec.await-exit', exec, refOf(exec));
    assert.deepEqual([later.code, later.outputEnded, later.evidence], [3, true, 'process ended']);
    if (exit !== undefined) assert.deepEqual(exit, later);
    await twice('exec.clean', exec, refOf(exec));
    return exit !== undefined;
  };
  assert.equal(await early('sh', '-c', 'sleep 1; exit 3'), false);
  // Nearly always; which of the two is told first is containerd's to say.
  for (let tries = 0; !(await early('sh', '-c', 'exit 3')); tries += 1) assert.ok(tries < 20);
});

test('its stdin ends when the client’s does', async () => {
  const exec = execIn(container, { Cmd: ['cat'], AttachStdin: true });
  const live = await stdio.attach(stdioKey(exec.exec.execId), {
    stdin: true,
    stdout: true,
    stderr: false,
  });
  await world.run('exec.start', exec, refOf(exec));
  const exit = world.run('exec.await-exit', exec, refOf(exec));
  live.end('typed');
  assert.equal((await exit).code, 0);
  assert.ok((await buffer(live)).includes('typed'));
  await twice('exec.clean', exec, refOf(exec));
});

test('a program that is missing leaves nothing once it is cleaned up', async () => {
  const exec = execIn(container, { Cmd: ['no-such-program'] });
  for (let tries = 0; tries < 2; tries += 1) {
    await assert.rejects(world.run('exec.start', exec, refOf(exec)), /OCI runtime exec failed/);
  }
  const task = await world.deps.containerd.tasks.get({ containerId: container.id });
  assert.equal(task.status, 'running', 'the shim has survived it');
  await twice('exec.clean', exec, refOf(exec));
  assert.deepEqual(await world.traces(exec.exec.execId), []);
});

test('what runs after all is ended when it is cleaned up', async () => {
  const exec = execIn(container, { Cmd: ['sleep', '600'] });
  await world.run('exec.start', exec, refOf(exec));
  await twice('exec.clean', exec, refOf(exec));
  const ref = { containerId: container.id, execId: exec.exec.execId };
  await assert.rejects(world.deps.containerd.tasks.get(ref), /not found|no such process/i);
});

test('an exec ends with its container, and can be cleaned up after it', async () => {
  const short = await started();
  const exec = execIn(short, { Cmd: ['sleep', '600'] });
  await world.run('exec.start', exec, refOf(exec));
  const exit = world.run('exec.await-exit', exec, refOf(exec));
  await world.run('task.kill', short, { id: short.id, run: 1, signal: 9 });
  assert.ok([137, null].includes((await exit).code));
  await world.run('run.clean', short, { id: short.id, run: 1 });
  await twice('exec.clean', exec, refOf(exec));
  await world.run('container.erase', short, { id: short.id });
  assert.deepEqual(await world.traces(exec.exec.execId), []);
  await assert.rejects(world.run('exec.start', exec, refOf(exec)), /is not running/);
});

test('an exit that nobody has read is kept by who deletes the task', async () => {
  const short = await started();
  const exec = execIn(short, { Cmd: ['sleep', '600'] });
  await world.run('exec.start', exec, refOf(exec));
  await world.run('task.kill', short, { id: short.id, run: 1, signal: 9 });
  await world.run('run.clean', short, { id: short.id, run: 1 });
  assert.equal((await world.run('exec.await-exit', exec, refOf(exec))).code, 137);
  await world.run('exec.clean', exec, refOf(exec));
  await world.run('container.erase', short, { id: short.id });
});
