/**
 * Small ports for the facade's own tests: what they hold is set by the test, nothing is simulated.
 */
import { BehaviorSubject, Subject } from 'rxjs';
import type { FamilyCommand } from '../../machines/exec.commands.ts';
import type { ImageCommand } from '../../machines/image.commands.ts';
import type { NetworkCommand } from '../../machines/network.commands.ts';
import type { VolumeCommand } from '../../machines/volume.commands.ts';
import type { JsonObject } from '../../machines/words.ts';
import type {
  ContainerDetails,
  ContainerQueries,
  ExecView,
  ImageView,
} from '../../projections/views.ts';
import { createSubscribers } from '../metrics/subscribers.ts';
import type { DockerEventMapper, SideEventMapper } from '../options.ts';
import type {
  ApiPorts,
  CommandOutcome,
  CommitWishes,
  ImportedTar,
  LoadMessage,
  LoggedFact,
  SideEvent,
} from '../ports.ts';
import type { Usage } from '../usage.ts';
import { info } from './daemonInfo.ts';
import { type FakeFiles, fakeArchives, fakeFiles } from './fakeArchives.ts';
import { type FakeNative, fakeNative, freshNative } from './nativeFakes.ts';
import { image, NOW } from './samples.ts';
import { type FakeStreams, fakeStreams } from './streamFakes.ts';

export * from './samples.ts';
export type { FakeAttachment } from './streamFakes.ts';

export interface World extends FakeStreams {
  readonly ports: ApiPorts;
  readonly containers: Map<string, ContainerDetails>;
  readonly images: ImageView[];
  readonly submitted: FamilyCommand[];
  expectedExecs: number;
  readonly imageCommands: ImageCommand[];
  readonly networkCommands: NetworkCommand[];
  readonly volumeCommands: VolumeCommand[];
  readonly imported: ImportedTar[];
  readonly pruned: number[];
  readonly archived: FakeFiles;
  readonly committed: CommitWishes[];
  readonly execs: Map<string, ExecView>;
  /** Answers to the next commands, in order; when empty: done. */
  readonly outcomes: CommandOutcome[];
  /** Bytes that a container wrote, by id; others are not known. */
  readonly sizes: Map<string, number>;
  /** Events told beside the log, as `<action> <attributes>`. */
  readonly told: string[];
  readonly native: FakeNative;
  loading: () => AsyncIterable<LoadMessage>;
  /** Prunes of containers. */
  readonly prunes: { readonly what: string; readonly reclaimed: number }[];
  ready: boolean;
  usage: Usage | undefined;
  nowNs: bigint;
  /** Results of probes by container id. */
  readonly probes: Map<string, readonly JsonObject[]>;
  note(container: string, action: string, attributes?: Record<string, string>): SideEvent;
  append(stream: string, type: string, data?: JsonObject): LoggedFact;
}

function queries(world: { readonly containers: Map<string, ContainerDetails> }): ContainerQueries {
  const all = () => [...world.containers.values()].filter(({ removed }) => !removed);
  return {
    list: () => all().sort((left, right) => Number(right.createdNs - left.createdNs)),
    get: (id) => world.containers.get(id),
    mountsOf: (id) => world.containers.get(id)?.mounts ?? [],
    statusOf: (id) => all().find((item) => item.id === id)?.status,
    resolve(ref) {
      const name = ref.replace(/^\//, '');
      const exact = all().find((item) => item.id === ref || item.name === name);
      const found = exact === undefined ? all().filter(({ id }) => id.startsWith(ref)) : [exact];
      const [first] = found;
      if (first === undefined) return { kind: 'none' };
      return found.length > 1 ? { kind: 'ambiguous' } : { kind: 'found', id: first.id };
    },
    resolveEver(ref) {
      return world.containers.has(ref) ? { kind: 'found', id: ref } : this.resolve(ref);
    },
    counts: () => ({ running: 1, paused: 0, stopped: 2 }),
  };
}

function fakeLog(world: { nowNs: bigint }) {
  const facts: LoggedFact[] = [];
  const head = new BehaviorSubject(0);
  const log: ApiPorts['log'] = {
    head: () => facts.length,
    read: (position, limit = 500) => facts.slice(position, position + limit),
    positionAt: (ns) => facts.filter(({ atNs }) => atNs <= ns).length,
    head$: head,
  };
  const append = (stream: string, type: string, data: JsonObject = {}): LoggedFact => {
    const position = facts.length + 1;
    const atNs = world.nowNs + BigInt(position);
    const fact = { position, stream, version: position, type, data, atNs };
    facts.push(fact);
    head.next(position);
    return fact;
  };
  return { log, append };
}

function fakeSide(world: Pick<World, 'nowNs' | 'probes'>, log: ApiPorts['log']) {
  const events: SideEvent[] = [];
  const head$ = new Subject<number>();
  const side: ApiPorts['side'] = {
    head: () => events.length,
    after: (seq, limit = 500) => events.slice(seq, seq + limit),
    kept: (subject) => world.probes.get(subject.replace('container/', '')) ?? [],
    head$,
  };
  const note: World['note'] = (container, action, attributes = {}) => {
    const subject = `container/${container}`;
    const [seq, position] = [events.length + 1, log.head()];
    const event = {
      seq,
      position,
      subject,
      action,
      attributes,
      atNs: world.nowNs + BigInt(position),
    };
    events.push(event);
    head$.next(seq);
    return event;
  };
  return { side, note };
}

function fakeImages(world: { readonly images: ImageView[] }): ApiPorts['images'] {
  return {
    list: () => world.images,
    byReference: (ref) => world.images.find(({ tags }) => tags.includes(ref)),
    byId(prefix) {
      const hex = prefix.replace(/^sha256:/, '');
      const found = world.images.filter(({ id }) => id.startsWith(`sha256:${hex}`));
      return found.length > 1 ? 'ambiguous' : found[0];
    },
    get: (id) => world.images.find((one) => one.id === id),
  };
}

/** Not random at all: each call counts one further. */
function fakeAmbient(world: { readonly nowNs: bigint }): ApiPorts['ambient'] {
  let next = 0;
  return {
    nowNs: () => world.nowNs,
    randomHex(bytes) {
      next += 1;
      return next
        .toString(16)
        .padStart(2, '0')
        .repeat(bytes)
        .slice(-2 * bytes);
    },
  };
}

const runc = {
  name: 'runc',
  shim: 's',
  options: { binaryName: 'runc', root: '', systemdCgroup: false },
};

/** No volumes but those that a command has made, and no file on the host but /tmp. */
function fakeVolumes(state: { readonly volumeCommands: VolumeCommand[] }): ApiPorts['volumes'] {
  const made = () =>
    state.volumeCommands.flatMap((command) =>
      command.type === 'create-volume' ? [{ ...command, createdNs: NOW }] : [],
    );
  return {
    list: made,
    get: (name) => made().find((one) => one.name === name),
    ever: ({ name }) => made().find((one) => one.name === name),
    newest: (name) => made().filter((one) => one.name === name).length,
    doomed: () => [],
    madeForContainers: () => [],
    async submit(command) {
      state.volumeCommands.push(command);
      return { kind: 'done' };
    },
    sizes: async (names) => new Map(names.map((name) => [name, 7])),
    sweep: async () => undefined,
    hostHas: (path) => path === '/tmp',
  };
}

type State = Omit<World, 'ports' | 'append' | 'note'>;
type Logs = Pick<ApiPorts, 'log' | 'side'>;

function fakePorts(state: State, logs: Logs): ApiPorts {
  return {
    commands: {
      async submit(command) {
        state.submitted.push(command);
        return state.outcomes.shift() ?? { kind: 'done' };
      },
    },
    containers: queries(state),
    images: fakeImages(state),
    execs: {
      get: (id) => state.execs.get(id),
      idsOf: (container) =>
        [...state.execs.values()].flatMap((exec) => (exec.container === container ? exec.id : [])),
    },
    ...logs,
    processes: {
      expectExec: () => {
        state.expectedExecs += 1;
      },
      table: async (_id, psArguments) => ({
        titles: ['PID', psArguments],
        processes: [['1', 'x']],
      }),
      usage: async () => state.usage,
    },
    tell(note) {
      state.archived.told.push(note);
      state.told.push(`${note.action} ${JSON.stringify(note.attributes)}`);
    },
    streams: fakeStreams(state),
    archives: fakeArchives(state.archived),
    imageStore: fakeStore(state),
    volumes: fakeVolumes(state),
    sizes: {
      written: async (ids) => new Map([...state.sizes].filter(([id]) => ids.includes(id))),
    },
    networks: fakeNetworks(state),
    secrets: { reveal: () => new Map([['d1', '/bin']]) },
    daemon: { info: () => info, ready: () => state.ready, whenReady: async () => state.ready },
    ambient: fakeAmbient(state),
    metrics: { render: async () => ({ contentType: 'text/plain', text: 'a_metric 1\n' }) },
    subscribers: createSubscribers(),
    pruned: async (what, reclaimed) => {
      state.prunes.push({ what, reclaimed });
    },
    native: fakeNative(state),
    runtime: (name) => {
      if (name === 'missing') return { kind: 'missing', message: 'it is not there' };
      return name === 'runc' ? { kind: 'found', runtime: runc } : { kind: 'unknown' };
    },
    closeWhenGone: () => undefined,
    peer: () => ({ uid: 0, gid: 0, pid: 1 }),
  };
}

/** The three that are always there. */
function fakeNetworks(state: State): ApiPorts['networks'] {
  const plain = {
    predefined: true,
    enableIPv6: false,
    internal: false,
    attachable: false,
    pools: [],
    ipam: { Driver: 'default', Options: null },
    options: {},
    labels: {},
    bridge: '',
    hostIPv6: false,
    createdNs: NOW,
  };
  const named = [
    ['host', 'host'],
    ['none', 'null'],
    ['bridge', 'bridge'],
  ] as const;
  const list = named.map(([name, driver], at) => ({
    ...plain,
    id: String(at + 1).repeat(64),
    name,
    driver,
  }));
  return {
    queries: {
      list: () => list,
      get: (id) => list.find((one) => one.id === id),
      placesOf: () => undefined,
      livePlaces: () => [],
    },
    submit: async (command) => {
      state.networkCommands.push(command);
      return state.outcomes.shift() ?? { kind: 'done' };
    },
    surroundings: () => ({
      prefix: 'sl12345',
      pools: [{ base: '10.1.0.0/16', size: 24 }],
      routes: [],
      hostIPv6: false,
      defaultOptions: {},
    }),
  };
}

function fakeStore(state: State): ApiPorts['imageStore'] {
  return {
    load: () => state.loading(),
    import: async (_tar, asked) => {
      state.imported.push(asked);
      return `sha256:${'3c'.repeat(32)}`;
    },
    commit: async (wishes) => {
      state.committed.push(wishes);
      return `sha256:${'4d'.repeat(32)}`;
    },
    save: async function* (images) {
      yield Buffer.from(
        images.map(({ image: { id }, names }) => `${id} ${names.map(({ full }) => full)}`).join(),
      );
    },
    submit: async (command) => {
      state.imageCommands.push(command);
      return state.outcomes.shift() ?? { kind: 'done' };
    },
    pruned: async (reclaimed) => void state.pruned.push(reclaimed),
  };
}

/** A world with one image and no container. */
export function world(): World {
  const state: State = {
    containers: new Map(),
    images: [image()],
    submitted: [],
    expectedExecs: 0,
    imageCommands: [],
    networkCommands: [],
    volumeCommands: [],
    imported: [],
    pruned: [],
    archived: fakeFiles(),
    committed: [],
    execs: new Map(),
    outcomes: [],
    attachments: [],
    over: [],
    sizes: new Map(),
    resized: [],
    told: [],
    native: freshNative(NOW),
    records: [],
    logOptions: undefined,
    probes: new Map(),
    loading: async function* () {
      yield { kind: 'loaded', reference: 'docker.io/library/busybox:latest' };
    },
    prunes: [],
    ready: true,
    usage: undefined,
    nowNs: NOW,
  };
  const { log, append } = fakeLog(state);
  const { side, note } = fakeSide(state, log);
  return Object.assign(state, { ports: fakePorts(state, { log, side }), append, note });
}

/** Each fact as one event of its own name, so that tests see which facts were read. */
export const plainEvents: DockerEventMapper = (fact) => [
  {
    type: fact.stream.split('/')[0] ?? '',
    action: fact.type.split('.')[1] ?? '',
    id: fact.stream.split('/')[1] ?? '',
    attributes: { image: 'busybox', name: 'web', a: 'b' },
    timeNs: fact.atNs,
  },
];

/** Each event told beside the log, as it was told. */
export const plainSideEvents: SideEventMapper = ({ subject, action, attributes, atNs }) => [
  { type: 'container', action, id: subject.split('/')[1] ?? '', attributes, timeNs: atNs },
];
