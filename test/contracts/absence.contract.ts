/** The contract of absence: containerd dies, a shim dies; and of events, which are only hints. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerdEvent } from '../../effects/containerd/types.ts';
import { drop, type GetSubject, is, running } from './subject.ts';

export function absenceContract(get: GetSubject): void {
  events(get);
  deaths(get);
}

function events(get: GetSubject): void {
  test('events tell of a task’s life, to those who listen', async () => {
    const subject = get();
    const { client } = subject;
    const ending = new AbortController();
    const seen: ContainerdEvent[] = [];
    const filter = `namespace==${client.namespace},topic~=|^/tasks/|`;
    const reading = (async () => {
      for await (const event of client.events.subscribe([filter], ending.signal)) seen.push(event);
    })();
    await subject.pause(300);
    await running(subject, 'told', 'exits 7');
    await client.tasks.wait({ containerId: 'told' });
    await client.tasks.delete('told');
    for (let tries = 0; tries < 50 && seen.at(-1)?.topic !== '/tasks/delete'; tries += 1) {
      await subject.pause(100);
    }
    ending.abort();
    await reading;
    const kinds = new Set(seen.map(({ body }) => body.kind));
    for (const kind of ['task-create', 'task-start', 'task-exit', 'task-delete'] as const) {
      assert.ok(kinds.has(kind), kind);
    }
    const exit = seen.find(({ body }) => body.kind === 'task-exit');
    assert.ok(exit?.body.kind === 'task-exit');
    assert.deepEqual(
      [exit.body.containerId, exit.body.id, exit.body.exitStatus],
      ['told', 'told', 7],
    );
    await drop(subject, 'told');
  });
}

function deaths(get: GetSubject): void {
  test('a shim that dies takes its process along, and the id is free again', async () => {
    const subject = get();
    const { tasks } = subject.client;
    const ref = { containerId: 'shim' };
    const task = await running(subject, 'shim');
    const wait = assert.rejects(tasks.wait(ref), is('unknown', /ttrpc: closed/));
    await subject.killShim('shim');
    await wait;
    await until(subject.pause, () => assert.rejects(tasks.get(ref), is('not-found')));
    await until(subject.pause, async () => void (await tasks.create(task)));
    await drop(subject, 'shim');
  });

  test('processes live through containerd’s death; calls meanwhile are unavailable', async () => {
    const subject = get();
    const { client } = subject;
    const ref = { containerId: 'lives' };
    await running(subject, 'lives');
    const { pid } = await client.tasks.get(ref);
    const wait = assert.rejects(client.tasks.wait(ref), is('unavailable'));
    await subject.restart(async () => {
      await wait;
      assert.equal(client.state(), 'lost');
      await assert.rejects(client.version(), is('unavailable'));
    });
    const found = await client.tasks.get(ref);
    assert.deepEqual([found.pid, found.status], [pid, 'running']);
    await client.tasks.kill({ ...ref, signal: 9 });
    assert.equal((await client.tasks.wait(ref)).exitStatus, 137);
    await drop(subject, 'lives');
  });

  test('listeners are told that the connection broke', async () => {
    const { client, restart } = get();
    const { signal } = new AbortController();
    const events = assert.rejects(async () => {
      for await (const _ of client.events.subscribe([], signal)) assert.ok(signal);
    }, is('unavailable'));
    await get().pause(100);
    await restart(async () => await events);
    assert.equal(client.state(), 'connected');
  });
}

/** What containerd does in its own time, within 5 s. */
async function until(pause: (ms: number) => Promise<void>, check: () => Promise<void>) {
  for (let left = 50; ; left -= 1) {
    try {
      return await check();
    } catch (error) {
      if (left === 0) throw error;
    }
    await pause(100);
  }
}
