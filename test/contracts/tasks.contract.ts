/** The contract of tasks: what the handlers take for granted of the life of a process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drop, type GetSubject, is, makeContainer, running, thawed } from './subject.ts';

export function tasksContract(get: GetSubject): void {
  life(get);
  refusals(get);
  freezing(get);
  records(get);
  calls(get);
}

function life(get: GetSubject): void {
  test('a process is created, started once, awaited; its exit is kept until deleted', async () => {
    const subject = get();
    const { tasks } = subject.client;
    const ref = { containerId: 'life' };
    const task = await makeContainer(subject, 'life', 'exits 7');
    const { pid } = await tasks.create(task);
    assert.equal((await tasks.get(ref)).status, 'created');
    await assert.rejects(tasks.create(task), is('already-exists'));
    const wait = tasks.wait(ref);
    assert.equal((await tasks.start(ref)).pid, pid);
    const exit = await wait;
    assert.equal(exit.exitStatus, 7);
    assert.ok(exit.exitedAtNs);
    const seen = await tasks.get(ref);
    assert.deepEqual(
      [seen.status, seen.exitStatus, seen.exitedAtNs],
      ['stopped', 7, exit.exitedAtNs],
    );
    assert.deepEqual(await tasks.wait(ref), exit);
    const deleted = await tasks.delete('life');
    assert.deepEqual([deleted.pid, deleted.exitStatus], [pid, 7]);
    assert.equal(deleted.exitedAtNs, exit.exitedAtNs);
    await assert.rejects(tasks.delete('life'), is('not-found'));
    await assert.rejects(tasks.get(ref), is('not-found'));
    await assert.rejects(tasks.wait(ref), is('not-found'));
    await drop(subject, 'life');
  });

  test('a process that was created and never started can be deleted', async () => {
    const subject = get();
    const { tasks } = subject.client;
    await tasks.create(await makeContainer(subject, 'unborn', 'sleeps'));
    await tasks.delete('unborn');
    await assert.rejects(tasks.get({ containerId: 'unborn' }), is('not-found'));
    await drop(subject, 'unborn');
  });

  test('a signal ends a process with 128 and its number, if it lets it', async () => {
    const subject = get();
    const { tasks } = subject.client;
    const ref = { containerId: 'signal' };
    await running(subject, 'signal', 'ignores TERM');
    await subject.pause(300);
    await tasks.kill({ ...ref, signal: 15 });
    await subject.pause(300);
    assert.equal((await tasks.get(ref)).status, 'running');
    await tasks.kill({ ...ref, signal: 9 });
    assert.equal((await tasks.wait(ref)).exitStatus, 137);
    await drop(subject, 'signal');
  });

  test('a next task can have the id of one that was deleted', async () => {
    const subject = get();
    const { tasks } = subject.client;
    const task = await running(subject, 'again', 'exits 7');
    await tasks.wait({ containerId: 'again' });
    await tasks.delete('again');
    await tasks.create(task);
    assert.equal((await tasks.get({ containerId: 'again' })).status, 'created');
    await drop(subject, 'again');
  });
}

function refusals(get: GetSubject): void {
  test('a task without a record is not found', async () => {
    const { tasks } = get().client;
    const stdio = { stdin: '', stdout: '', stderr: '', terminal: false };
    const task = { containerId: 'nobody', rootfs: [], ...stdio };
    const ref = { containerId: 'nobody' };
    await assert.rejects(tasks.create(task), is('not-found'));
    await assert.rejects(tasks.get(ref), is('not-found'));
    await assert.rejects(tasks.wait(ref), is('not-found'));
    await assert.rejects(tasks.kill({ ...ref, signal: 9 }), is('not-found'));
    await assert.rejects(tasks.delete('nobody'), is('not-found'));
    await assert.rejects(tasks.pause('nobody'), is('not-found'));
  });

  test('a program that is missing fails the create, and leaves no task', async () => {
    const subject = get();
    const { tasks } = subject.client;
    const task = await makeContainer(subject, 'missing', 'is missing');
    await assert.rejects(tasks.create(task), is('unknown', /no such file or directory/));
    await assert.rejects(tasks.get({ containerId: 'missing' }), is('not-found'));
    // Once more the same: nothing of it is in the way.
    await assert.rejects(tasks.create(task), is('unknown', /no such file or directory/));
    await drop(subject, 'missing');
  });

  test('what runs is not started again, and not deleted', async () => {
    const subject = get();
    const { tasks } = subject.client;
    const ref = { containerId: 'runs' };
    await running(subject, 'runs');
    await assert.rejects(tasks.start(ref), is('unknown', /start a running process/));
    await assert.rejects(tasks.delete('runs'), is('unknown', /delete a running process/));
    assert.equal((await tasks.get(ref)).exitedAtNs, null);
    await drop(subject, 'runs');
  });

  test('what has ended is not killed, paused or resumed', async () => {
    const subject = get();
    const { tasks } = subject.client;
    const ref = { containerId: 'ended' };
    await running(subject, 'ended', 'exits 7');
    await tasks.wait(ref);
    const kill = tasks.kill({ ...ref, signal: 9 });
    await assert.rejects(kill, is('not-found', /process already finished/));
    await assert.rejects(tasks.pause('ended'), is('unknown'));
    await assert.rejects(tasks.resume('ended'), is('unknown'));
    await drop(subject, 'ended');
  });
}

function freezing(get: GetSubject): void {
  test('a process is paused and resumed, and only when that makes sense', async () => {
    const subject = get();
    const { tasks } = subject.client;
    const ref = { containerId: 'frozen' };
    await tasks.create(await makeContainer(subject, 'frozen', 'sleeps'));
    await assert.rejects(tasks.pause('frozen'), is('unknown'));
    await tasks.start(ref);
    await assert.rejects(tasks.resume('frozen'), is('unknown'));
    await tasks.pause('frozen');
    assert.equal((await tasks.get(ref)).status, 'paused');
    await assert.rejects(tasks.pause('frozen'), is('unknown'));
    await assert.rejects(tasks.delete('frozen'), is('unknown'));
    await tasks.resume('frozen');
    assert.equal((await tasks.get(ref)).status, 'running');
    await drop(subject, 'frozen');
  });

  test('a signal to a paused process is taken, and acted upon when it thaws at last', async () => {
    const subject = get();
    const { tasks } = subject.client;
    const ref = { containerId: 'pending' };
    await running(subject, 'pending');
    await tasks.pause('pending');
    await tasks.kill({ ...ref, signal: 9 });
    const { status } = await tasks.get(ref);
    assert.ok(status === 'paused' || status === 'stopped', status);
    if (status === 'paused') await thawed(subject, 'pending');
    assert.equal((await tasks.wait(ref)).exitStatus, 137);
    await drop(subject, 'pending');
  });
}

function records(get: GetSubject): void {
  test('a task without its record lives on out of reach, until there is one again', async () => {
    const subject = get();
    const { client } = subject;
    const ref = { containerId: 'hidden' };
    await running(subject, 'hidden');
    const record = await client.containers.get('hidden');
    await client.containers.delete('hidden');
    await assert.rejects(client.tasks.get(ref), is('not-found'));
    await assert.rejects(client.tasks.kill({ ...ref, signal: 9 }), is('not-found'));
    assert.ok((await client.tasks.list()).some(({ id }) => id === 'hidden'));
    const { name, options } = record.runtime;
    const runtime = { name, options: options ?? undefined };
    await client.containers.create({ ...record, runtime, spec: {} });
    assert.equal((await client.tasks.get(ref)).status, 'running');
    await drop(subject, 'hidden');
  });
}

function calls(get: GetSubject): void {
  test('a wait ends at its deadline, at its caller’s abort, and says which', async () => {
    const subject = get();
    const { tasks } = subject.client;
    const ref = { containerId: 'bounded' };
    await running(subject, 'bounded');
    await assert.rejects(tasks.wait(ref, { deadlineMs: 50 }), is('deadline'));
    const ending = new AbortController();
    const waiting = assert.rejects(tasks.wait(ref, { signal: ending.signal }), is('cancelled'));
    ending.abort();
    await waiting;
    await drop(subject, 'bounded');
  });
}
