/** The contract of execs: processes that are added to a task. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Behaviour,
  drop,
  type GetSubject,
  is,
  makeContainer,
  running,
  type Subject,
} from './subject.ts';

const SILENT = { stdin: '', stdout: '', stderr: '', terminal: false };

/** Adds a process to the task and gives its name. */
async function added(subject: Subject, containerId: string, execId: string, does: Behaviour) {
  const spec = { args: subject.args(does), cwd: '/', user: { uid: 0, gid: 0 } };
  await subject.client.tasks.exec({ containerId, execId, ...SILENT, spec });
  return { containerId, execId };
}

export function execsContract(get: GetSubject): void {
  life(get);
  pids(get);
  refusals(get);
}

function life(get: GetSubject): void {
  test('an exec is added, started, awaited and deleted, and the task lives on', async () => {
    const subject = get();
    const { tasks } = subject.client;
    await running(subject, 'exec');
    const ref = await added(subject, 'exec', 'e1', 'exits 7');
    assert.equal((await tasks.get(ref)).status, 'created');
    await tasks.start(ref);
    const exit = await tasks.wait(ref);
    assert.equal(exit.exitStatus, 7);
    const seen = await tasks.get(ref);
    assert.deepEqual([seen.id, seen.status, seen.exitStatus], ['e1', 'stopped', 7]);
    assert.equal((await tasks.deleteProcess(ref)).exitedAtNs, exit.exitedAtNs);
    await assert.rejects(tasks.get(ref), is('not-found'));
    await assert.rejects(tasks.deleteProcess(ref), is('not-found'));
    assert.equal((await tasks.get({ containerId: 'exec' })).status, 'running');
    await drop(subject, 'exec');
  });

  test('an exec is there once, and what runs is not deleted', async () => {
    const subject = get();
    const { tasks } = subject.client;
    await running(subject, 'exec2');
    const ref = await added(subject, 'exec2', 'e1', 'sleeps');
    await assert.rejects(added(subject, 'exec2', 'e1', 'sleeps'), is('already-exists'));
    await tasks.start(ref);
    await assert.rejects(tasks.deleteProcess(ref), is('unknown', /delete a running process/));
    await tasks.kill({ ...ref, signal: 9 });
    assert.equal((await tasks.wait(ref)).exitStatus, 137);
    await tasks.deleteProcess(ref);
    await drop(subject, 'exec2');
  });
}

function pids(get: GetSubject): void {
  test('the pids of a task are those of all that runs in it', async () => {
    const subject = get();
    const { tasks } = subject.client;
    await running(subject, 'pids');
    const own = { containerId: 'pids' };
    const ref = await added(subject, 'pids', 'e1', 'sleeps');
    const { pid } = await tasks.start(ref);
    const init = (await tasks.get(own)).pid;
    const listed = await tasks.listPids('pids');
    assert.deepEqual(
      [init, pid].map((one) => listed.includes(one)),
      [true, true],
    );
    await tasks.kill({ ...ref, signal: 9 });
    await tasks.wait(ref);
    assert.equal((await tasks.listPids('pids')).includes(pid), false);
    await drop(subject, 'pids');
  });

  test('nobody’s task and nobody’s process have no pids, no input and no size', async () => {
    const subject = get();
    const { tasks } = subject.client;
    await assert.rejects(tasks.listPids('nobody'), is('not-found'));
    await assert.rejects(tasks.closeIO({ containerId: 'nobody' }), is('not-found'));
    await running(subject, 'sizes');
    const ref = { containerId: 'sizes', execId: 'none' };
    await assert.rejects(tasks.closeIO(ref), is('not-found'));
    await assert.rejects(tasks.resizePty({ ...ref, width: 80, height: 24 }), is('not-found'));
    await tasks.closeIO({ containerId: 'sizes' });
    await drop(subject, 'sizes');
  });
}

function refusals(get: GetSubject): void {
  test('an exec whose program is missing stays created until it is deleted', async () => {
    const subject = get();
    const { tasks } = subject.client;
    await running(subject, 'exec3');
    const ref = await added(subject, 'exec3', 'e1', 'is missing');
    await assert.rejects(tasks.start(ref), is('unknown', /OCI runtime exec failed/));
    assert.notEqual((await tasks.get(ref)).status, 'running');
    await tasks.deleteProcess(ref);
    assert.equal((await tasks.get({ containerId: 'exec3' })).status, 'running');
    await drop(subject, 'exec3');
  });

  test('nothing is added to a task that is paused or has ended', async () => {
    const subject = get();
    const { tasks } = subject.client;
    await running(subject, 'exec4');
    await tasks.pause('exec4');
    await assert.rejects(added(subject, 'exec4', 'e1', 'sleeps'), is('unknown', /paused/));
    await tasks.resume('exec4');
    await tasks.kill({ containerId: 'exec4', signal: 9 });
    await tasks.wait({ containerId: 'exec4' });
    await assert.rejects(added(subject, 'exec4', 'e2', 'sleeps'), is('unknown', /stopped/));
    await drop(subject, 'exec4');
  });

  test('an exec ends with its container, and its exit goes with the task', async () => {
    const subject = get();
    const { tasks } = subject.client;
    await running(subject, 'exec5');
    const ref = await added(subject, 'exec5', 'e1', 'sleeps');
    await tasks.start(ref);
    await tasks.kill({ containerId: 'exec5', signal: 9 });
    assert.equal((await tasks.wait(ref)).exitStatus, 137);
    await tasks.wait({ containerId: 'exec5' });
    await tasks.delete('exec5');
    await assert.rejects(tasks.get(ref), is('not-found'));
    await drop(subject, 'exec5');
  });

  test('an exec of a task that is not there is not found', async () => {
    const subject = get();
    await makeContainer(subject, 'exec6', 'sleeps');
    await assert.rejects(added(subject, 'exec6', 'e1', 'sleeps'), is('not-found'));
    await drop(subject, 'exec6');
  });
}
