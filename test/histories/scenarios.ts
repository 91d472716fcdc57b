/**
 * What is recorded: real containers through the real daemon, as their users and their hosts' bad
 * days would have it. A scenario that is here is recorded once for each version that changes what
 * it leads to; add another when the machines learn something new.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Neighbours } from '../crash/neighbours.ts';
import { loadImage } from '../support/loadedDaemon.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';

export type Scenario = (world: Neighbours) => Promise<void>;

const FOREVER = ['busybox', 'sleep', '1000'];

/** Commands of which some are refused: what is on record counts, not what the command says. */
async function tell(daemon: TemporaryDaemon, ...lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const { code } = await daemon.docker(...line.split(' '));
    assert.ok(code < 128 || code > 160, `docker ${line} was ended by a signal`);
  }
}

async function lifecycle({ daemon, docker }: Bound): Promise<void> {
  await tell(daemon, 'run --rm busybox true', 'run --name seven busybox sh -c exit\\ 7');
  await docker('run', '-d', '--name', 'web', '--label', 'tier=web', '-e', 'A=b', ...FOREVER);
  await tell(
    daemon,
    'run --name web busybox true',
    'run --name absent busybox /no/such/command',
    'pause web',
    'pause web',
    'stop web',
    'unpause web',
    'rename web site',
    'restart -t 0 site',
    'restart -t 0 site',
    'kill -s USR1 site',
    'stop -t 1 site',
    'stop site',
    'start site',
    'kill site',
    'wait site',
    'rm site',
    'create --name waits busybox true',
    'rm waits',
    'run -d --name forced busybox sleep 1000',
    'rm forced',
    'rm -f forced',
    'rm -f seven absent',
  );
}

async function policies({ daemon, docker, becomes }: Bound): Promise<void> {
  const failing = ['busybox', 'sh', '-c', 'exit 3'];
  await docker('run', '-d', '--name', 'tries', '--restart', 'on-failure:2', ...failing);
  await becomes('tries', 'exited');
  await docker('run', '-d', '--name', 'always', '--restart', 'always', ...FOREVER);
  await docker('run', '-d', '--name', 'unless', '--restart', 'unless-stopped', ...failing);
  await tell(daemon, 'stop -t 0 always', 'start always', 'update --restart no always');
  await sleep(1_500);
  await tell(daemon, 'stop unless', 'rm -f always', 'rm unless', 'start tries');
  await becomes('tries', 'exited');
  await tell(daemon, 'rm -f tries');
}

async function execs({ daemon, docker }: Bound): Promise<void> {
  await docker('run', '-d', '--name', 'host', ...FOREVER);
  await tell(
    daemon,
    'exec host true',
    'exec -e S=secret host sh -c exit\\ 4',
    'exec host /no/such/command',
    'exec -d host sleep 1000',
  );
  await sleep(300);
  await tell(daemon, 'kill host', 'exec host true', 'start host', 'exec host true', 'rm -f host');
}

async function crashes(bound: Bound): Promise<void> {
  const { daemon, docker, world, becomes } = bound;
  await docker('run', '-d', '--name', 'stays', ...FOREVER);
  await world.counting('ends');
  await world.counting('lost');
  const { Pid } = await world.state('ends');
  const lost = JSON.parse((await daemon.request('GET', '/containers/lost/json')).body).Id;
  const shim = world.shim(lost);
  await daemon.kill9();
  world.openGate(Pid);
  await sleep(500);
  await world.kill(shim);
  await daemon.restart();
  await becomes('ends', 'exited');
  await becomes('lost', 'exited');
  const stopping = daemon.docker('stop', '-t', '3', 'stays');
  await sleep(700);
  await daemon.kill9();
  await stopping;
  await daemon.restart();
  await becomes('stays', 'exited');
  await tell(daemon, 'start stays', 'rm -f stays ends lost');
}

async function containerdDies({ daemon, docker, world }: Bound): Promise<void> {
  await docker('run', '-d', '--name', 'survives', ...FOREVER);
  await world.kill(world.containerd());
  await tell(daemon, 'stop -t 1 survives', 'run --name later busybox true', 'start survives');
  await tell(daemon, 'rm -f survives later');
}

async function images({ daemon }: Bound): Promise<void> {
  await loadImage(daemon, { repoTags: ['app:1', 'app:latest'], env: ['V=1'] });
  await loadImage(daemon, { repoTags: ['app:2', 'app:latest'], env: ['V=2'] });
  await tell(daemon, 'run --rm app:latest true', 'run --rm app:1 true');
  await loadImage(daemon, { repoTags: ['app:1', 'app:latest'], env: ['V=1'] });
}

/** Containers that are still there, in as many states as there are without a process. */
async function leftovers({ daemon, docker }: Bound): Promise<void> {
  await docker('create', '--name', 'created', '--restart', 'always', ...FOREVER);
  await tell(daemon, 'run --name ended busybox false', 'run --name unable busybox /none');
}

interface Bound {
  readonly world: Neighbours;
  readonly daemon: TemporaryDaemon;
  docker(...args: string[]): Promise<string>;
  becomes(name: string, status: string): Promise<unknown>;
}

const bound =
  (scenario: (bound: Bound) => Promise<void>): Scenario =>
  (world) =>
    scenario({
      world,
      daemon: world.daemon,
      docker: (...args) => world.docker(...args),
      becomes: (name, status) => world.becomes(name, status),
    });

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  lifecycle: bound(lifecycle),
  policies: bound(policies),
  execs: bound(execs),
  crashes: bound(crashes),
  containerd: bound(containerdDies),
  images: bound(images),
  leftovers: bound(leftovers),
};
