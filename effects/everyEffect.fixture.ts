/**
 * For every effect of the registry a world to do it in. The type demands an entry for each, so that
 * a new effect is done twice, broken off and taken back by the suite without anybody opting in.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerContext } from '../machines/container.context.ts';
import type { EffectData, EffectParams, HandledEffectType } from '../machines/effects.ts';
import type { Endpoint, NetworkConfig } from '../machines/network.config.ts';
import { BOOT_LABEL, CONTAINER_LABEL, RUN_LABEL } from './container/runRecord.ts';
import type { World } from './container/world.fixture.ts';
import type { ExecSubject, SubjectOf } from './handler.ts';
import { publishedImage, SECOND, stagedImage } from './images/staged.fixture.ts';
import { nowNs } from './system/clock.ts';
import { containerId } from './system/ids.ts';

export interface Case<T extends HandledEffectType> {
  readonly subject: SubjectOf<T>;
  readonly params: EffectParams[T];
  /** What the actor knows when it asks for the undo; absent: the same. */
  readonly later?: SubjectOf<T>;
  /** The world that the undo leads back to; absent: the one before the effect. */
  readonly base?: readonly string[];
  /** Which lines of the world the undo answers for; absent: all. */
  answersFor?(line: string): boolean;
  /**
   * A shim does what it was told for a caller that has gone, and may come to it only after the undo
   * has looked. The daemon hears of that by an event and records it, as if a stranger had done it.
   */
  readonly shimMayBeLate?: true;
  /** The part of the answer that is the same at the second time; absent: all of it. */
  same?(answer: EffectData[T]): unknown;
  /** Ends what the case needed. */
  end(): Promise<void>;
}

/** What is in the world, a sorted line each. */
export type Look = () => Promise<readonly string[]>;
export type Prepare<T extends HandledEffectType> = (world: World, look: Look) => Promise<Case<T>>;

const SIGCONT = 18;
const STAGES = ['made', 'prepared', 'created', 'running', 'paused', 'ended', 'cleaned'] as const;
type Stage = (typeof STAGES)[number];

const isUpTo = (one: Stage, other: Stage): boolean => STAGES.indexOf(one) <= STAGES.indexOf(other);
const runOf = ({ id, run }: ContainerContext) => ({ id, run });
const refOf = ({ container: { id, run }, exec }: ExecSubject) => ({ id, run, exec: exec.execId });

/**
 * A container at that stage of its life; it ends by itself where it is to end, else it runs on.
 * @param reached called at each stage
 */
async function containerAt(
  world: World,
  stage: Stage,
  reached: (stage: Stage) => Promise<void> = async () => undefined,
  endpoints?: readonly Endpoint[],
): Promise<ContainerContext> {
  const ends = isUpTo('ended', stage);
  const plain = world.context({ Cmd: ends ? ['true'] : ['sleep', '600'] });
  const container = endpoints === undefined ? plain : plugged(plain, endpoints);
  const params = runOf(container);
  const steps: Readonly<Record<Stage, () => Promise<unknown>>> = {
    made: async () => undefined,
    prepared: async () => {
      await world.run('root.prepare', container, { id: container.id });
      // With its root, as after a copy: a start that is taken back leaves that to the container.
      await (await world.deps.rootMounts.hold(container.id, {})).release();
    },
    created: () => world.run('task.create', container, params),
    running: () => world.run('task.start', container, params),
    paused: async () => (ends ? undefined : world.run('task.pause', container, params)),
    ended: () => world.run('task.await-exit', container, params),
    cleaned: () => world.run('run.clean', container, params),
  };
  for (const next of STAGES.filter((one) => isUpTo(one, stage))) {
    await steps[next]();
    await reached(next);
  }
  return container;
}

function plugged(
  { hostConfig, ...plain }: ContainerContext,
  endpoints: readonly Endpoint[],
): ContainerContext {
  return { ...plain, hostConfig: { ...hostConfig, NetworkMode: 'bridge' }, endpoints };
}

/** In that network, with its second address. */
function placeIn({ id, name, driver, pools }: NetworkConfig, link: string): Endpoint {
  const [pool] = pools;
  const ipv4 = pool?.gateway.replace(/\d+$/, (last) => String(Number(last) + 1)) ?? null;
  const gateway4 = link === 'eth0';
  const mac = '02:42:0a:00:00:02';
  const place = { mac, link, ipv4, ipv6: null, gateway4, gateway6: false, ports: [] };
  return { ...place, name, network: id, driver, id: containerId() };
}

async function networkMade(world: World) {
  const subject = world.networks.add();
  await world.run('network.create', subject, { id: subject.id });
  const end = async (): Promise<void> => {
    await world.run('network.remove', subject, { id: subject.id });
  };
  return { subject, params: { id: subject.id }, end };
}

/** The kernel takes links away some time after their namespace: those of the case before. */
async function linksGone(look: Look): Promise<void> {
  const left = async () => (await look()).some((line) => /^sl\w{5}v/.test(line));
  for (let tries = 100; tries > 0 && (await left()); tries -= 1) await sleep(50);
}

/** It runs in one network, and has a place in another. @param there whether it is plugged in */
const ofEndpoint = (there: boolean) => async (world: World, look: Look) => {
  await linksGone(look);
  const [first, second] = [await networkMade(world), await networkMade(world)];
  const own = placeIn(first.subject, 'eth0');
  const container = await containerAt(world, 'running', undefined, [own]);
  const subject = plugged(container, [own, placeIn(second.subject, 'eth1')]);
  const params = { ...runOf(subject), network: second.subject.id };
  if (there) await world.run('endpoint.attach', subject, params);
  const end = async (): Promise<void> => {
    await world.run('run.clean', subject, runOf(subject));
    await world.run('container.erase', subject, { id: subject.id });
    for (const one of [first, second]) await one.end();
  };
  return { subject, params, end };
};

/** @param base the stage that the undo leads back to; absent: the world before the effect */
const atStage =
  (stage: Stage, base?: Stage) =>
  async (world: World, look: Look): Promise<Omit<Case<'task.create'>, 'params' | 'same'>> => {
    let under: readonly string[] | undefined;
    const subject = await containerAt(world, stage, async (reached) => {
      if (reached === base) under = await look();
    });
    const end = async (): Promise<void> => {
      await world.run('container.erase', subject, { id: subject.id });
    };
    return { subject, end, ...(under === undefined ? {} : { base: under }) };
  };

const ofContainer = (stage: Stage) => async (world: World, look: Look) => {
  const made = await atStage(stage)(world, look);
  return { ...made, params: { id: made.subject.id } };
};

const ofRun = (stage: Stage, base?: Stage) => async (world: World, look: Look) => {
  const made = await atStage(stage, base)(world, look);
  return { ...made, params: runOf(made.subject) };
};

const freezing = (stage: 'running' | 'paused') => async (world: World, look: Look) => ({
  ...(await ofRun(stage)(world, look)),
  shimMayBeLate: true as const,
});

const ofExec = (stage: 'made' | 'running' | 'ended') => async (world: World, look: Look) => {
  const { subject: container, end } = await atStage('running')(world, look);
  const subject = { container, exec: execOf(container, stage === 'ended') };
  const params = refOf(subject);
  if (stage !== 'made') await world.run('exec.start', subject, params);
  if (stage === 'ended') await world.run('exec.await-exit', subject, params);
  return { subject, params, end };
};

function execOf({ id }: ContainerContext, ends: boolean): ExecSubject['exec'] {
  const plain = { User: '', WorkingDir: '', Privileged: false, DetachKeys: '', Tty: false };
  const attached = { AttachStdin: false, AttachStdout: true, AttachStderr: true };
  const Cmd = ends ? ['true'] : ['sleep', '600'];
  return {
    execId: containerId(),
    container: id,
    run: 1,
    config: { ...plain, ...attached, Cmd },
    env: [],
    detach: true,
    pid: 0,
    failure: null,
    exit: null,
  };
}

/** @param probed whether a probe has been made before */
const ofHealth =
  (probed: boolean) =>
  async (world: World, look: Look): Promise<Omit<Case<'health.watch'>, 'same'>> => {
    const { subject: container, end } = await atStage('running')(world, look);
    const times = { intervalMs: 20, timeoutMs: 20_000, startPeriodMs: 0, startIntervalMs: 20 };
    const health = {
      container: container.id,
      run: container.run,
      check: { argv: ['/bin/sh', '-c', 'exit 0'], retries: 3, ...times },
      startedAtNs: String(nowNs()),
      status: 'starting' as const,
      streak: 0,
    };
    const subject = { container, health };
    const params = runOf(container);
    if (probed) await world.run('health.watch', subject, params);
    return {
      subject,
      params,
      async end(): Promise<void> {
        await world.run('health.clean', subject, params);
        await end();
      },
    };
  };

/** Somebody else's: a record and a task that bear no label of ours. */
async function foreign(world: World, look: Look): Promise<Case<'run.adopt'>> {
  const made = await ofRun('running')(world, look);
  const labels = { [CONTAINER_LABEL]: '', [RUN_LABEL]: '', [BOOT_LABEL]: '' };
  await world.deps.containerd.containers.update(made.subject.id, labels);
  // The start is told by the host's uptime, in ticks.
  return { ...made, same: ({ task }) => task };
}

/** Somebody deleted the record from under the task. */
async function unrecorded(world: World, look: Look): Promise<Case<'run.record'>> {
  const { containers, tasks } = world.deps.containerd;
  const { subject, ...made } = await ofRun('running')(world, look);
  const { pid } = await tasks.get({ containerId: subject.id });
  await containers.delete(subject.id);
  return { ...made, subject: { ...subject, pid } };
}

async function tagged(world: World): Promise<Case<'image.tag'>> {
  const { subject, end } = await publishedImage(world);
  const { id, tags } = subject;
  const params = { id, reference: SECOND };
  const asked = { ...subject, tags: [...tags, SECOND] };
  return { params, subject: asked, later: subject, end };
}

async function untagged(world: World): Promise<Case<'image.untag'>> {
  const { subject, later = subject, ...made } = await tagged(world);
  await world.run('image.tag', subject, made.params);
  return { ...made, subject: later, later: subject };
}

const aVolume = async (world: World, made: boolean) => {
  const name = `v${containerId().slice(0, 12)}`;
  const none = { options: null, labels: null, anonymous: false, container: null };
  const subject = { name, incarnation: 1, driver: 'local' as const, ...none };
  const params = { name };
  if (made) await world.run('volume.prepare', subject, params);
  const end = async (): Promise<void> => {
    await world.run('volume.erase', subject, params);
  };
  return { subject, params, end };
};

export const CASES: { readonly [T in HandledEffectType]: Prepare<T> } = {
  'root.prepare': ofContainer('made'),
  'task.create': ofRun('prepared'),
  'task.start': async (world, look) => ({
    ...(await ofRun('created', 'prepared')(world, look)),
    // When the runtime was told to start, only the one knows who told it.
    same: ({ pid }) => pid,
  }),
  'task.await-exit': ofRun('ended'),
  'task.kill': async (world, look) => {
    const made = await atStage('running')(world, look);
    return { ...made, params: { ...runOf(made.subject), signal: SIGCONT } };
  },
  'task.pause': freezing('running'),
  'task.resume': freezing('paused'),
  'task.update': async (world, look) => {
    const made = await atStage('running')(world, look);
    const changes = { resources: { CpuShares: 512, PidsLimit: 50 } };
    return { ...made, params: { ...runOf(made.subject), changes } };
  },
  'run.clean': ofRun('running'),
  'container.erase': ofContainer('running'),
  'exec.start': ofExec('made'),
  'exec.await-exit': ofExec('ended'),
  'exec.clean': ofExec('running'),
  'health.watch': async (world, look) => ({
    ...(await ofHealth(false)(world, look)),
    // Another probe finds the same at another time.
    same: ({ passed, exitCode }) => ({ passed, exitCode }),
  }),
  'health.clean': ofHealth(true),
  'run.adopt': foreign,
  'run.record': unrecorded,
  'image.publish': async (world) => ({
    ...(await stagedImage(world)),
    // Content goes with the lease, and that is not the machine's.
    answersFor: (line) => line.startsWith('image '),
  }),
  'volume.prepare': (world) => aVolume(world, false),
  'volume.erase': (world) => aVolume(world, true),
  'image.tag': tagged,
  'image.untag': untagged,
  'network.create': async (world) => {
    const made = await networkMade(world);
    await made.end();
    return made;
  },
  'network.remove': networkMade,
  'endpoint.attach': ofEndpoint(false),
  'endpoint.detach': ofEndpoint(true),
  'image.remove': async (world, look) => {
    await linksGone(look);
    const { subject, end } = await publishedImage(world);
    return { subject, params: { id: subject.id }, end };
  },
};
