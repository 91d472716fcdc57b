/**
 * For every effect of the registry a world to do it in. The type demands an entry for each, so that
 * a new effect is done twice, broken off and taken back by the suite without anybody opting in.
 */
import { join } from 'node:path';
import type { ContainerContext } from '../machines/container.context.ts';
import type { EffectData, EffectParams, HandledEffectType } from '../machines/effects.ts';
import type { World } from './container/world.fixture.ts';
import type { ExecSubject, SubjectOf } from './handler.ts';
import { busyboxImage, oldLayout, streamOf, tar } from './images/archive.fixture.ts';
import { makeImageStager } from './images/loader.ts';
import { nowNs } from './system/clock.ts';
import { containerId } from './system/ids.ts';

export interface Case<T extends HandledEffectType> {
  readonly subject: SubjectOf<T>;
  readonly params: EffectParams[T];
  /** The world that the undo leads back to; absent: the one before the effect. */
  readonly base?: readonly string[];
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
): Promise<ContainerContext> {
  const ends = isUpTo('ended', stage);
  const container = world.context({ Cmd: ends ? ['true'] : ['sleep', '600'] });
  const params = runOf(container);
  const steps: Readonly<Record<Stage, () => Promise<unknown>>> = {
    made: async () => undefined,
    prepared: () => world.run('root.prepare', container, { id: container.id }),
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

async function stagedImage({ deps, directory }: World): Promise<Case<'image.publish'>> {
  const { containerd: client, snapshotter } = deps;
  const stager = makeImageStager({ client, snapshotter, spoolDirectory: join(directory, 'spool') });
  const layout = oldLayout([{ image: await busyboxImage(), tags: ['twice:latest'] }]);
  const [subject] = await stager.stage(streamOf(await tar(layout)));
  if (subject === undefined) throw new Error('no image was staged');
  const params = { id: subject.id, lease: subject.lease };
  const end = async (): Promise<void> => {
    for (const { name } of await client.images.list()) {
      await client.images.delete(name, { sync: true });
    }
  };
  return { subject, params, end };
}

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
  'task.pause': ofRun('running'),
  'task.resume': ofRun('paused'),
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
  'image.publish': stagedImage,
};
