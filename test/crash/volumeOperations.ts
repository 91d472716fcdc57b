/** What is asked of a volume of its own, which has the container's name. */
import assert from 'node:assert/strict';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import * as asks from './asks.ts';
import type { Act, Operation } from './operation.ts';

const made: Act = async (daemon, name) => {
  await asks.ask(daemon, 'POST', '/volumes/create', { Name: name });
};

async function has(daemon: TemporaryDaemon, name: string): Promise<boolean> {
  return (await daemon.request('GET', `/volumes/${name}`)).status === 200;
}

const clear: Act = async (daemon, name) => {
  const { status, body } = await daemon.request('DELETE', `/volumes/${name}?force=1`);
  assert.equal(status, 204, body);
};

const base = { from: 'absent', leads: 'absent', clear } as const;

/** What the image has there is copied into the volume; without that a create asks for nothing. */
const filling: Act = async (daemon, name) => {
  await asks.createWith({ HostConfig: { Binds: [`${name}:/bin`] } })(daemon, name);
};

export const VOLUME_OPERATIONS: readonly Operation[] = [
  {
    name: 'create',
    command: 'create',
    from: 'absent',
    leads: 'created',
    set: made,
    ask: filling,
    clear,
  },
  { ...base, name: 'create a volume', command: 'create-volume', ask: made, isDone: has },
  {
    ...base,
    name: 'remove a volume',
    command: 'remove-volume',
    set: made,
    ask: async (daemon, name) => {
      await asks.ask(daemon, 'DELETE', `/volumes/${name}`);
    },
    isDone: async (daemon, name) => !(await has(daemon, name)),
  },
];
