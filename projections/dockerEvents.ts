/**
 * A fact told as Docker tells it: none, one or several events, pure and the same at every reading.
 * Facts that only ask for something are no events; a start that failed had no process, so no `die`.
 */
import type { ContainerFact } from '../machines/container.facts.ts';
import type { DaemonFact } from '../machines/daemon.facts.ts';
import type { ExecFact } from '../machines/exec.facts.ts';
import type { HealthFact } from '../machines/health.facts.ts';
import type { ImageFact } from '../machines/image.facts.ts';
import type { Endpoint } from '../machines/network.config.ts';
import type { NetworkFact } from '../machines/network.facts.ts';
import { imageIdOfStream } from './images.ts';
import {
  asContainerFact,
  asDaemonFact,
  asExecFact,
  asHealthFact,
  asImageFact,
  asVolumeFact,
  containerOfStream,
  execIdOfStream,
  type FoldedFact,
  idOfStream,
} from './projection.ts';
import type { ContainerDetails, ExecView, ImageView, NetworkView } from './views.ts';
import { mountEvents, volumeEvents } from './volumeEvents.ts';

export interface DockerEvent {
  readonly type: 'builder' | 'container' | 'daemon' | 'image' | 'network' | 'volume';
  readonly action: string;
  /** Container id, image id with its algorithm, or the daemon's id; empty for a prune. */
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
}

/** A fact as the log reader gives it; its state is not needed. */
export type EventSource = Pick<FoldedFact, 'position' | 'stream' | 'type' | 'data' | 'atNs'>;

/** What was told beside the log of one subject, after the fact at `position`. */
export interface SideSource {
  readonly position: number;
  readonly subject: string;
  readonly action: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly atNs: bigint;
}

export interface EventLookup {
  /** Also of removed containers; undefined for those whose creation failed. */
  container(id: string): ContainerDetails | undefined;
  image(id: string): ImageView | undefined;
  exec(id: string): ExecView | undefined;
  network(id: string): NetworkView | undefined;
  /** Name of the container as of a position in the log. */
  nameAt(id: string, position: number): string | undefined;
  /** Labels as of a position, if they were changed since. */
  labelsAt?(id: string, position: number): Readonly<Record<string, string>> | undefined;
  /** When the process of a run was started, nanoseconds since 1970. */
  startedNs(id: string, run: number): bigint | undefined;
}

/** What Docker shows for an exit that nobody knows. */
const UNKNOWN_EXIT = 255;

type Attributes = Readonly<Record<string, string>>;
type Named = readonly [action: string, extra?: Attributes];

/** Events of one fact, in the order in which clients expect them. */
export function dockerEvents(source: EventSource, lookup: EventLookup): readonly DockerEvent[] {
  const container = asContainerFact(source);
  if (container !== undefined) {
    const id = idOfStream(source.stream);
    const own = containerEvents(source, id, actionsOf(source, container, lookup), lookup);
    const mounted = mountEvents(source, id, container, lookup);
    return [...connectEvents(source, container, id, lookup), ...mounted, ...own];
  }
  const exec = asExecFact(source);
  if (exec !== undefined) return execEvents(source, exec, lookup);
  const health = asHealthFact(source);
  if (health !== undefined) return healthEvents(source, health, lookup);
  const image = asImageFact(source);
  if (image !== undefined) return imageEvents(source, image, lookup);
  if (source.type.startsWith('network.')) return networkEvents(source, lookup);
  const volume = asVolumeFact(source);
  if (volume !== undefined) return volumeEvents(source, volume);
  const daemon = asDaemonFact(source);
  return daemon === undefined ? [] : daemonEvents(source, daemon);
}

/** The event of what was told beside the log; none, if nobody knows the container any more. */
export function sideEvents(source: SideSource, lookup: EventLookup): readonly DockerEvent[] {
  const { subject, action, attributes } = source;
  if (!subject.startsWith('container/')) return [];
  return containerEvents(source, idOfStream(subject), [[action, attributes]], lookup);
}

/** Docker tells a change of the status, and not that it begins anew with each start. */
function healthEvents(
  source: EventSource,
  fact: HealthFact,
  lookup: EventLookup,
): readonly DockerEvent[] {
  if (fact.type !== 'health.passed' && fact.type !== 'health.failed') return [];
  const { before, status } = fact.data;
  if (before === status) return [];
  const { id } = containerOfStream(source.stream);
  return containerEvents(source, id, [[`health_status: ${status}`]], lookup);
}

function containerEvents(
  source: Pick<EventSource, 'position' | 'atNs'>,
  id: string,
  named: readonly Named[],
  lookup: EventLookup,
): readonly DockerEvent[] {
  if (named.length === 0) return [];
  const details = lookup.container(id);
  if (details === undefined) return [];
  const name = lookup.nameAt(id, source.position) ?? details.name;
  const labels = lookup.labelsAt?.(id, source.position) ?? details.labels;
  return named.map(([action, extra]) => ({
    type: 'container',
    action,
    id,
    // As dockerd does it: a label hides an extra attribute, image and name hide a label.
    attributes: { ...extra, ...labels, image: details.image, name },
    timeNs: source.atNs,
  }));
}

function actionsOf(
  source: EventSource,
  fact: ContainerFact,
  lookup: EventLookup,
): readonly Named[] {
  switch (fact.type) {
    case 'container.created':
      return [['create']];
    // For Docker's clients it appears from nowhere, and then it runs or not.
    case 'container.adopted':
      return fact.data.alive ? [['create'], ['start']] : [['create']];
    case 'container.started':
      return fact.data.restart ? [['start'], ['restart']] : [['start']];
    case 'container.signalled':
      return [['kill', { signal: String(fact.data.signal) }]];
    case 'container.exited':
      return exitActions(source, fact.data, lookup);
    case 'container.oom-killed':
      return [['oom']];
    case 'container.paused':
      return [['pause']];
    case 'container.unpaused':
      return [['unpause']];
    case 'container.removed':
      return [['destroy']];
    case 'container.updated':
      return [['update']];
    case 'container.restart-cancelled':
      return [['stop']];
    case 'container.renamed':
      return [['rename', { oldName: `/${fact.data.oldName}` }]];
    default:
      return [];
  }
}

type ExitData = Extract<ContainerFact, { type: 'container.exited' }>['data'];

function exitActions(source: EventSource, exit: ExitData, lookup: EventLookup): readonly Named[] {
  const startedNs = lookup.startedNs(idOfStream(source.stream), exit.run);
  const endNs = exit.atNs === null ? source.atNs : BigInt(exit.atNs);
  // Two clocks meet here, the runtime's and ours: a run never lasted less than nothing.
  const lasted = startedNs === undefined || endNs < startedNs ? 0n : endNs - startedNs;
  const die: Named = [
    'die',
    { exitCode: String(exit.code ?? UNKNOWN_EXIT), execDuration: String(lasted / 1_000_000_000n) },
  ];
  const stopped = exit.asked === 'stop' || exit.asked === 'restart';
  // Where kills are counted a fact of their own has told of them.
  const untold = exit.oomKilled && exit.oomKills === undefined;
  return [...(untold ? [['oom'] as const] : []), die, ...(stopped ? [['stop'] as const] : [])];
}

/** A program that is missing shows as started, as at dockerd, and never as ended. */
function execEvents(
  source: EventSource,
  fact: ExecFact,
  lookup: EventLookup,
): readonly DockerEvent[] {
  const exec = lookup.exec(execIdOfStream(source.stream));
  if (exec === undefined) return [];
  const named = execAction(fact, exec);
  return named === undefined ? [] : containerEvents(source, exec.container, [named], lookup);
}

function execAction(fact: ExecFact, { id, config }: ExecView): Named | undefined {
  const [program = '', ...args] = config.Cmd;
  const line = `${program} ${args.join(' ')}`;
  switch (fact.type) {
    case 'exec.created':
      return [`exec_create: ${line}`, { execID: id }];
    case 'exec.start-requested':
      return [`exec_start: ${line}`, { execID: id }];
    case 'exec.exited':
      return ['exec_die', { execID: id, exitCode: String(fact.data.code ?? UNKNOWN_EXIT) }];
    default:
      return undefined;
  }
}

function imageEvents(
  source: EventSource,
  fact: ImageFact,
  lookup: EventLookup,
): readonly DockerEvent[] {
  const id = imageIdOfStream(source.stream);
  const named = imageActions(fact, id);
  if (named.length === 0) return [];
  const labels = labelsOf(lookup.image(id));
  return named.map(([action, name]) => ({
    type: 'image',
    action,
    id,
    attributes: { ...labels, name },
    timeNs: source.atNs,
  }));
}

/** Docker names an image by its id, but for `tag`: the new reference, whole here. */
function imageActions(fact: ImageFact, id: string): readonly (readonly [string, string])[] {
  switch (fact.type) {
    case 'image.loaded': {
      const { origin, references } = fact.data;
      if (origin !== 'import' && origin !== 'commit') return [['load', id]];
      const tags = references.map((reference) => ['tag', reference] as const);
      return origin === 'import' ? [['import', id], ...tags] : tags;
    }
    case 'image.tagged':
      return [['tag', fact.data.reference]];
    case 'image.untagged':
      // A reference that another image took is no event of the one that lost it.
      return fact.data.by === undefined ? [] : [['untag', id]];
    case 'image.removed':
      return [['delete', id]];
    case 'image.saved':
      return [['save', id]];
    default:
      return [];
  }
}

const NETWORK_ACTIONS: Partial<Record<NetworkFact['type'], string>> = {
  'network.created': 'create',
  'network.removed': 'destroy',
};

function networkEvents(source: EventSource, lookup: EventLookup): readonly DockerEvent[] {
  const action = NETWORK_ACTIONS[source.type as NetworkFact['type']];
  const id = idOfStream(source.stream);
  const network = lookup.network(id);
  // Those that are always there come with the daemon, and nobody asked for them.
  if (action === undefined || network === undefined || network.predefined) return [];
  const attributes = { name: network.name, type: network.driver };
  return [{ type: 'network', action, id, attributes, timeNs: source.atNs }];
}

/** A container comes into its networks before it starts, and is out of them before it has died. */
function connectEvents(
  source: EventSource,
  fact: ContainerFact,
  container: string,
  lookup: EventLookup,
): readonly DockerEvent[] {
  const told = (action: string, places: readonly Place[]): readonly DockerEvent[] =>
    places.map(({ network, name, driver }) => ({
      type: 'network',
      action,
      id: network,
      attributes: { container, name, type: driver },
      timeNs: source.atNs,
    }));
  const named = (network: string): readonly Place[] => {
    const found = lookup.network(network);
    return found === undefined ? [] : [{ network, name: found.name, driver: found.driver }];
  };
  switch (fact.type) {
    case 'container.start-requested':
      return told('connect', fact.data.endpoints ?? []);
    case 'container.connected':
      return told('connect', named(fact.data.network));
    case 'container.disconnected':
      return told('disconnect', named(fact.data.network));
    case 'container.exited':
    case 'container.start-failed':
      return told('disconnect', fact.data.places ?? []);
    default:
      return [];
  }
}

type Place = Pick<Endpoint, 'network' | 'name' | 'driver'>;

function daemonEvents(source: EventSource, fact: DaemonFact): readonly DockerEvent[] {
  if (fact.type === 'daemon.reloaded') {
    const { id, attributes } = fact.data;
    return [{ type: 'daemon', action: 'reload', id, attributes, timeNs: source.atNs }];
  }
  if (fact.type !== 'daemon.pruned') return [];
  const { what, reclaimed } = fact.data;
  const attributes = { reclaimed: String(reclaimed) };
  return [{ type: what, action: 'prune', id: '', attributes, timeNs: source.atNs }];
}

/** The labels of an image's config that are text, as they must be. */
function labelsOf(image: ImageView | undefined): Attributes {
  const labels = image?.config['Labels'];
  if (labels === null || typeof labels !== 'object' || Array.isArray(labels)) return {};
  const texts = Object.entries(labels ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}
