/**
 * The log compared with containerd: all of it at boot, when containerd comes back and on demand,
 * and one container when an event hints at it.
 */
import { type ReconcilePorts, reconcile } from '../actors/reconcile.ts';
import { nowNs, sleep } from '../effects/system/clock.ts';
import { containerStream, phaseOf } from '../machines/container.decide.ts';
import {
  type Difference,
  differencesOf,
  isLasting,
  type LoggedContainer,
  observedStream,
  type Sight,
} from '../machines/container.seen.ts';
import { ABSENT } from '../machines/step.ts';
import { openImageQueries } from '../projections/images.ts';
import { openVolumeQueries } from '../projections/volumes.ts';
import type { StreamState } from '../store/types.ts';
import { type Daemon, loggedState, record, worldOf } from './daemon.ts';
import { watchMemory } from './memory.ts';

export interface Looked {
  readonly sight: Sight;
  readonly differences: readonly Difference[];
  readonly checked: number;
}

interface Picture {
  readonly containers: readonly LoggedContainer[];
  readonly versions: ReadonlyMap<string, number>;
  /** How far the log was then. */
  readonly position: number;
}

/** The containers that the log has now, with how far each was. */
function pictureOf({ log }: Daemon): Picture {
  const states = log.states(containerStream(''));
  const versions = new Map(states.map(({ stream, version }) => [stream, version]));
  const containers = states.map(logged).filter(({ phase }) => phase !== ABSENT);
  return { containers, versions, position: log.head().position };
}

function logged(stored: StreamState): LoggedContainer {
  const state = loggedState(stored);
  const { id, name, run, custom } = state.context;
  const externalRoot = custom?.root !== undefined;
  return { id, name, run, phase: phaseOf(state), externalRoot };
}

async function compare(
  daemon: Daemon,
  { containers, versions, position }: Picture,
): Promise<Looked> {
  const { condition, log } = daemon;
  const volumes = openVolumeQueries(log.reader).list();
  const sight = await worldOf(condition).look(
    openImageQueries(log.reader).list(),
    volumes.map(({ name }) => name),
  );
  const unchanged = (id: string): boolean =>
    versions.get(containerStream(id)) === log.version(containerStream(id));
  const judged = containers.filter(({ id }) => unchanged(id));
  const knows = (id: string): boolean => {
    const state = log.readable(containerStream(id));
    return log.version(containerStream(id)) > 0 && state?.value !== ABSENT;
  };
  const gone = (id: string): boolean => {
    const state = log.readable(containerStream(id));
    return state?.final === true && state.position <= position;
  };
  const differences = differencesOf(judged, sight, knows, gone);
  return { sight, differences, checked: judged.length };
}

/** Only looks; nothing is told to anybody, and nothing is recorded. */
export async function lookOnly(daemon: Daemon): Promise<Looked> {
  return await compare(daemon, pictureOf(daemon));
}

/** Looks, tells the actors what they can follow, and records what was found. */
export async function lookAround(daemon: Daemon): Promise<Looked> {
  const { system, journal, condition } = daemon;
  const picture = pictureOf(daemon);
  const looked = await compare(daemon, picture);
  const { checked, differences } = looked;
  const told = await tell(daemon, looked, picture.versions);
  const links = await repairedLinks(daemon);
  const result = { ...told, differences: [...told.differences, ...links] };
  for (const difference of result.differences) journal.warn({ difference }, 'reconcile');
  const lasting = differences.filter(isLasting);
  condition.reconciled = { atNs: String(nowNs()), checked, differences: lasting };
  await record(system, { type: 'daemon.reconciled', data: result });
  return looked;
}

/** Of networks; what can not be made again now is tried with the next look. */
async function repairedLinks({ condition, journal }: Daemon): Promise<readonly string[]> {
  try {
    return await worldOf(condition).network.repair();
  } catch (err) {
    journal.warn({ err }, 'links can not be repaired');
    return [];
  }
}

function tell(
  { log, system }: Daemon,
  { checked, differences }: Looked,
  versions: ReadonlyMap<string, number>,
) {
  const found = differences.map(({ sentence, observation }) => ({
    sentence,
    seen: observation === null ? null : { stream: observedStream(observation), observation },
  }));
  const ports: ReconcilePorts = {
    version: (stream) => log.version(stream),
    observe: ({ stream, observation }) => system.observe(stream, observation),
  };
  return reconcile({ look: async () => ({ checked, found }) }, ports, versions);
}

/** Looks at one container that an event hinted at, if nothing is under way in it. */
async function lookAtOne(daemon: Daemon, id: string): Promise<void> {
  const { condition, log } = daemon;
  const stream = containerStream(id);
  const state = log.readable(stream);
  const phase = state === undefined ? '' : phaseOf(loggedState(state));
  if (state === undefined || (phase !== 'running' && phase !== 'paused')) return;
  const sight = await worldOf(condition).lookAt(id);
  const differences = differencesOf(
    [logged(state)],
    sight,
    () => true,
    () => false,
  );
  const versions = new Map([[stream, state.version]]);
  await tell(daemon, { sight, differences, checked: 1 }, versions);
}

/** For as long as the daemon lives. After a break all is looked at, for events get lost. */
export async function followHints(daemon: Daemon, signal: AbortSignal): Promise<void> {
  const { condition, journal } = daemon;
  const memory = watchMemory(daemon, signal);
  const follow = async (): Promise<void> => {
    for await (const { id, about } of worldOf(condition).hints(signal)) {
      if (about === 'memory') memory.lookAt(id);
      else await lookAtOne(daemon, id);
    }
  };
  for (let again = false; !signal.aborted; again = true) {
    try {
      if (again) await pause(signal);
      if (again && condition.awaySinceNs === null) await lookAround(daemon);
      await memory.lookAtAll();
      await follow();
    } catch (err) {
      if (!signal.aborted) journal.warn({ err }, 'events of containerd broke off');
    }
  }
}

const AGAIN_MS = 1_000;

function pause(signal: AbortSignal): Promise<void> {
  return sleep(AGAIN_MS, signal);
}
