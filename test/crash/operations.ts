/**
 * Everything that can be asked of a container or happen to it and that has effects, each from a
 * state of its own. What effects it has is not said here: that is found out (visits.ts). An effect
 * that none of these comes by fails the suite: then an operation is missing.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import * as asks from './asks.ts';
import { FOREIGN_OPERATIONS } from './foreignOperations.ts';
import { IMAGE_OPERATIONS } from './imageOperations.ts';
import { NETWORK_OPERATIONS } from './networkOperations.ts';
import type { Operation, Status } from './operation.ts';
import { VOLUME_OPERATIONS } from './volumeOperations.ts';

/** Lets the container end with 9. */
async function openGate(daemon: TemporaryDaemon, name: string): Promise<void> {
  const state = await asks.stateOf(daemon, name);
  writeFileSync(`/proc/${state?.Pid}/root/gate`, '');
}

const ends =
  (leads: Status, runs = 1) =>
  async (daemon: TemporaryDaemon, name: string): Promise<void> => {
    await openGate(daemon, name);
    await asks.until(`${name} to be ${leads}`, async () => {
      const { status, body } = await daemon.request('GET', `/containers/${name}/json`);
      if (status === 404) return leads === 'absent';
      const { State, RestartCount } = JSON.parse(body);
      return State.Status === leads && RestartCount + 1 >= runs;
    });
  };

async function failingStart(daemon: TemporaryDaemon, name: string): Promise<void> {
  const { status, body } = await daemon.request('POST', `/containers/${name}/start`);
  assert.equal(status, 400, body);
}

async function reboot(daemon: TemporaryDaemon): Promise<void> {
  await daemon.kill9();
  assert.ok(await daemon.boot(), 'the daemon died in its boot');
}

/** It ends while no daemon is there. */
async function endsAway(daemon: TemporaryDaemon, name: string): Promise<void> {
  const state = await asks.stateOf(daemon, name);
  await daemon.kill9();
  writeFileSync(`/proc/${state?.Pid}/root/gate`, '');
  assert.ok(await daemon.boot(), 'the daemon died in its boot');
}

const { act } = asks;
const policy = { HostConfig: { RestartPolicy: { Name: 'always' } } };

/** @param ms between two probes */
const healthcheck = (ms: number) => ({
  Healthcheck: { Test: ['CMD', 'true'], Interval: ms * 1_000_000 },
});
const SELDOM_MS = 3_600_000;

async function startUntilHealthy(daemon: TemporaryDaemon, name: string): Promise<void> {
  await act('start')(daemon, name);
  await asks.until(`${name} to be healthy`, async () => {
    const { body } = await asks.ask(daemon, 'GET', `/containers/${name}/json`);
    return JSON.parse(body).State.Health.Status === 'healthy';
  });
}

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'load',
    command: 'load-image',
    from: 'absent',
    leads: 'absent',
    ask: asks.load,
    isDone: asks.isLoaded,
  },
  { name: 'start', command: 'start', from: 'created', leads: 'running', ask: act('start') },
  { name: 'start again', command: 'start', from: 'exited', leads: 'running', ask: act('start') },
  {
    name: 'failing start',
    command: 'start',
    from: 'created',
    leads: 'created',
    create: { Cmd: ['/none'] },
    startable: false,
    ask: failingStart,
  },
  { name: 'exec', command: 'exec-start', from: 'running', leads: 'running', ask: asks.exec },
  {
    name: 'short exec',
    command: 'exec-start',
    from: 'running',
    leads: 'running',
    unsteady: ['exec.await-exit'],
    ask: asks.shortExec,
  },
  {
    name: 'failing exec',
    command: 'exec-start',
    from: 'running',
    leads: 'running',
    ask: asks.execOfNothing,
  },
  { name: 'pause', command: 'pause', from: 'running', leads: 'paused', ask: act('pause') },
  { name: 'unpause', command: 'unpause', from: 'paused', leads: 'running', ask: act('unpause') },
  { name: 'stop', command: 'stop', from: 'running', leads: 'exited', ask: act('stop') },
  // SIGINT is ignored, so that the timer of the stop falls due.
  {
    name: 'stop by force',
    command: 'stop',
    from: 'running',
    leads: 'exited',
    ask: act('stop?signal=INT&t=1'),
  },
  { name: 'stop paused', command: 'stop', from: 'paused', leads: 'exited', ask: act('stop?t=1') },
  { name: 'restart', command: 'restart', from: 'running', leads: 'running', ask: act('restart') },
  {
    name: 'restart exited',
    command: 'restart',
    from: 'exited',
    leads: 'running',
    ask: act('restart'),
  },
  { name: 'kill', command: 'kill', from: 'running', leads: 'exited', ask: act('kill') },
  {
    name: 'signal',
    command: 'kill',
    from: 'running',
    leads: 'running',
    ask: act('kill?signal=USR1'),
  },
  {
    name: 'update',
    command: 'update',
    from: 'running',
    leads: 'running',
    ask: async (daemon, name) => {
      const body = { RestartPolicy: { Name: 'no' } };
      await asks.ask(daemon, 'POST', `/containers/${name}/update`, body);
    },
  },
  {
    name: 'update of limits',
    command: 'update',
    from: 'running',
    leads: 'running',
    ask: async (daemon, name) => {
      await asks.ask(daemon, 'POST', `/containers/${name}/update`, { CpuShares: 300 });
    },
  },
  { name: 'remove', command: 'remove', from: 'exited', leads: 'absent', ask: asks.remove() },
  {
    name: 'remove created',
    command: 'remove',
    from: 'created',
    leads: 'absent',
    ask: asks.remove(),
  },
  {
    name: 'remove by force',
    command: 'remove',
    from: 'running',
    leads: 'absent',
    ask: asks.remove('?force=1'),
  },
  {
    name: 'remove paused',
    command: 'remove',
    from: 'paused',
    leads: 'absent',
    ask: asks.remove('?force=1'),
  },
  { name: 'exit', from: 'running', leads: 'exited', ask: ends('exited') },
  {
    name: 'exit with --rm',
    from: 'running',
    leads: 'absent',
    create: { HostConfig: { AutoRemove: true } },
    ask: ends('absent'),
  },
  {
    name: 'exit with a policy',
    from: 'running',
    leads: 'running',
    create: policy,
    ask: ends('running', 2),
  },
  {
    name: 'start with a health check',
    command: 'start',
    from: 'created',
    leads: 'running',
    create: healthcheck(300),
    ask: startUntilHealthy,
  },
  {
    name: 'stop with a health check',
    command: 'stop',
    from: 'running',
    leads: 'exited',
    create: healthcheck(SELDOM_MS),
    ask: act('stop'),
  },
  { name: 'boot', from: 'running', leads: 'running', ask: reboot },
  { name: 'boot after an exit', from: 'running', leads: 'exited', ask: endsAway },
  ...IMAGE_OPERATIONS,
  ...VOLUME_OPERATIONS,
  ...NETWORK_OPERATIONS,
  ...FOREIGN_OPERATIONS,
];
