/** What comes of it that somebody else is at work in containerd, too. */
import assert from 'node:assert/strict';
import { ctrOf } from '../support/ctr.ts';
import { withContainerd } from '../support/imageWorld.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import * as asks from './asks.ts';
import { newestContainer } from './invariants.ts';
import type { Operation } from './operation.ts';

/** A container that the log does not know. */
async function runForeign(daemon: TemporaryDaemon, name: string): Promise<void> {
  const { ctr } = await ctrOf(daemon);
  const how = ['-d', '--null-io', '--snapshotter', 'overlayfs'];
  await ctr('run', ...how, `docker.io/library/${asks.IMAGE}`, name, 'sleep', '3600');
}

async function adopt(daemon: TemporaryDaemon, name: string): Promise<void> {
  const { body } = await asks.ask(daemon, 'POST', '/shiplog/v1/reconcile', { adopt: [name] });
  assert.deepEqual(JSON.parse(body).adopted, [name], body);
}

/** Who deletes it waits for the daemon to notice, as long as there is a daemon. */
async function deleteRecord(daemon: TemporaryDaemon, name: string): Promise<void> {
  const { deleteRecord: deleted } = await ctrOf(daemon);
  await deleted(newestContainer(daemon, name));
  await asks.until(`the record of ${name}`, () => isRecorded(daemon, name));
}

async function isRecorded(daemon: TemporaryDaemon, name: string): Promise<boolean> {
  const id = newestContainer(daemon, name);
  return withContainerd(daemon, async ({ containers }) =>
    (await containers.list()).some((record) => record.id === id),
  );
}

export const FOREIGN_OPERATIONS: readonly Operation[] = [
  {
    name: 'adopt',
    command: 'adopt',
    from: 'absent',
    leads: 'running',
    // The record alone was left to be adopted.
    mayBe: 'created',
    startable: false,
    set: runForeign,
    ask: adopt,
  },
  {
    name: 'record deleted by hand',
    from: 'running',
    leads: 'running',
    ask: deleteRecord,
    isDone: isRecorded,
  },
];
