/** What is asked of a network of its own, and of a container's place in one. */
import assert from 'node:assert/strict';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import * as asks from './asks.ts';
import type { Act, Operation } from './operation.ts';

const networkOf = (name: string): string => `net-of-${name}`;

const made: Act = async (daemon, name) => {
  await asks.ask(daemon, 'POST', '/networks/create', { Name: networkOf(name) });
};

async function has(daemon: TemporaryDaemon, name: string): Promise<boolean> {
  return (await daemon.request('GET', `/networks/${networkOf(name)}`)).status === 200;
}

/** The container that was in it goes before. */
const clear: Act = async (daemon, name) => {
  const { status, body } = await daemon.request('DELETE', `/networks/${networkOf(name)}`);
  assert.ok(status === 204 || status === 404, body);
};

const plug =
  (action: 'connect' | 'disconnect'): Act =>
  async (daemon, name) => {
    await asks.ask(daemon, 'POST', `/networks/${networkOf(name)}/${action}`, { Container: name });
  };

async function isIn(daemon: TemporaryDaemon, name: string): Promise<boolean> {
  const { body } = await asks.ask(daemon, 'GET', `/containers/${name}/json`);
  return networkOf(name) in JSON.parse(body).NetworkSettings.Networks;
}

const own = { from: 'absent', leads: 'absent', clear } as const;
const place = { from: 'running', leads: 'running', clear } as const;

export const NETWORK_OPERATIONS: readonly Operation[] = [
  { ...own, name: 'create a network', command: 'create-network', ask: made, isDone: has },
  {
    ...own,
    name: 'remove a network',
    command: 'remove-network',
    set: made,
    ask: async (daemon, name) => {
      await asks.ask(daemon, 'DELETE', `/networks/${networkOf(name)}`);
    },
    isDone: async (daemon, name) => !(await has(daemon, name)),
  },
  { ...place, name: 'connect', command: 'connect', set: made, ask: plug('connect'), isDone: isIn },
  {
    ...place,
    name: 'disconnect',
    command: 'disconnect',
    set: async (daemon, name) => {
      await made(daemon, name);
      await plug('connect')(daemon, name);
    },
    ask: plug('disconnect'),
    isDone: async (daemon, name) => !(await isIn(daemon, name)),
  },
];
