/**
 * Small ports for the facade's own tests: what they hold is set by the test, nothing is simulated.
 */
import { Duplex } from 'node:stream';
import { BehaviorSubject, Subject } from 'rxjs';
import type { FamilyCommand } from '../../machines/exec.commands.ts';
import type { JsonObject } from '../../machines/words.ts';
import type {
  ContainerDetails,
  ContainerQueries,
  ExecView,
  ImageView,
} from '../../projections/views.ts';
import { hostConfig } from '../containers/hostConfig.ts';
import { createSubscribers } from '../metrics/subscribers.ts';
import type { DockerEventMapper, SideEventMapper } from '../options.ts';
import type {
  ApiPorts,
  AttachOptions,
  CommandOutcome,
  LoadMessage,
  LoggedFact,
  LogOptions,
  LogRecord,
  SideEvent,
} from '../ports.ts';
import { info } from './daemonInfo.ts';

export const ID = 'ab12'.repeat(16);
export const OTHER_ID = 'cd34'.repeat(16);
/** 2023-11-14T22:13:20Z. */
export const NOW = 1_700_000_000_000_000_000n;

export function details(changes: Partial<ContainerDetails> = {}): ContainerDetails {
  const host = hostConfig(null, { defaultRuntime: 'runc', cgroupVersion: '1' }, '1.55');
  return {
    id: ID,
    name: 'web',
    status: 'created',
    phase: 'created',
    removed: false,
    image: 'busybox',
    imageId: image().id,
    argv: ['sh', '-c', 'echo hi'],
    labels: { a: 'b' },
    networkMode: 'bridge',
    createdNs: NOW - 60_000_000_000n,
    startedNs: null,
    finishedNs: null,
    exitCode: null,
    exitKnown: false,
    pid: 0,
    run: 0,
    health: null,
    config: {
      Hostname: ID.slice(0, 12),
      Domainname: '',
      User: '',
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      Cmd: ['sh', '-c', 'echo hi'],
      Entrypoint: null,
      Image: 'busybox',
      WorkingDir: '',
      Labels: { a: 'b' },
    },
    hostConfig: host,
    imageRef: { id: image().id, chainId: 'sha256:chain' },
    env: [{ name: 'PATH', digest: 'd1' }],
    platform: 'linux/amd64',
    snapshotter: 'overlayfs',
    error: '',
    oomKilled: false,
    restartCount: 0,
    warnings: [],
    ...changes,
  };
}

export const running = (changes: Partial<ContainerDetails> = {}): ContainerDetails =>
  details({
    status: 'running',
    phase: 'running',
    startedNs: NOW - 300_000_000_000n,
    pid: 42,
    run: 1,
    ...changes,
  });

export const exited = (changes: Partial<ContainerDetails> = {}): ContainerDetails =>
  details({
    status: 'exited',
    phase: 'exited',
    startedNs: NOW - 300_000_000_000n,
    finishedNs: NOW - 120_000_000_000n,
    exitCode: 3,
    exitKnown: true,
    run: 1,
    ...changes,
  });

export function image(changes: Partial<ImageView> = {}): ImageView {
  return {
    id: `sha256:${'1f'.repeat(32)}`,
    target: { mediaType: 'application/json', digest: `sha256:${'2e'.repeat(32)}`, size: 500 },
    references: ['docker.io/library/busybox:latest'],
    tags: ['docker.io/library/busybox:latest'],
    chainId: 'sha256:chain',
    diffIds: ['sha256:layer'],
    size: 4_000_000,
    created: '2023-05-18T22:34:17Z',
    architecture: 'amd64',
    os: 'linux',
    variant: '',
    author: '',
    config: { Env: ['PATH=/bin', 'LANG=C'], Cmd: ['sh'], Labels: { from: 'image' } },
    loadedNs: NOW,
    ...changes,
  };
}

/** One end is the facade's, the other the test's: output goes in, stdin comes out. */
export class FakeAttachment extends Duplex {
  readonly options: AttachOptions;
  readonly stdin: Buffer[] = [];
  stdinEnded = false;

  constructor(options: AttachOptions) {
    super({ allowHalfOpen: true });
    this.options = options;
  }

  override _read(): void {
    return undefined;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.stdin.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.stdinEnded = true;
    done();
  }
}

export interface World {
  readonly ports: ApiPorts;
  readonly containers: Map<string, ContainerDetails>;
  readonly images: ImageView[];
  readonly submitted: FamilyCommand[];
  readonly execs: Map<string, ExecView>;
  /** Answers to the next commands, in order; when empty: done. */
  readonly outcomes: CommandOutcome[];
  readonly attachments: FakeAttachment[];
  /** Bytes that a container wrote, and that a layer has, by id; others are not known. */
  readonly sizes: Map<string, number>;
  records: LogRecord[];
  logOptions: LogOptions | undefined;
  loading: () => AsyncIterable<LoadMessage>;
  readonly pruned: { readonly what: string; readonly reclaimed: number }[];
  ready: boolean;
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
    resolve(ref) {
      const name = ref.replace(/^\//, '');
      const exact = all().find((item) => item.id === ref || item.name === name);
      const found = exact === undefined ? all().filter(({ id }) => id.startsWith(ref)) : [exact];
      const [first] = found;
      if (first === undefined) return { kind: 'none' };
      return found.length > 1 ? { kind: 'ambiguous' } : { kind: 'found', id: first.id };
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
  };
}

function fakeStreams(world: Pick<World, 'attachments' | 'records' | 'logOptions'>) {
  const streams: ApiPorts['streams'] = {
    async attach(_id, options) {
      const attachment = new FakeAttachment(options);
      world.attachments.push(attachment);
      return attachment;
    },
    async attachExec(_id, options) {
      const attachment = new FakeAttachment(options);
      world.attachments.push(attachment);
      return attachment;
    },
    async *logs(_id, options) {
      world.logOptions = options;
      yield* world.records;
    },
    resize: async () => undefined,
  };
  return streams;
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
    streams: fakeStreams(state),
    imageLoader: { load: () => state.loading() },
    sizes: {
      written: async (ids) => new Map([...state.sizes].filter(([id]) => ids.includes(id))),
      layers: async (diffIds) => diffIds.map((id) => ({ id, size: state.sizes.get(id) })),
    },
    secrets: { reveal: () => new Map([['d1', '/bin']]) },
    daemon: { info: () => info, ready: () => state.ready, whenReady: async () => state.ready },
    ambient: fakeAmbient(state),
    metrics: { render: async () => ({ contentType: 'text/plain', text: 'a_metric 1\n' }) },
    subscribers: createSubscribers(),
    pruned: async (what, reclaimed) => {
      state.pruned.push({ what, reclaimed });
    },
    runtime: (name) => (name === 'runc' ? runc : undefined),
    peer: () => ({ uid: 0, gid: 0, pid: 1 }),
  };
}

/** A world with one image and no container. */
export function world(): World {
  const state: State = {
    containers: new Map(),
    images: [image()],
    submitted: [],
    execs: new Map(),
    outcomes: [],
    attachments: [],
    sizes: new Map(),
    records: [],
    logOptions: undefined,
    probes: new Map(),
    loading: async function* () {
      yield { kind: 'loaded', reference: 'docker.io/library/busybox:latest' };
    },
    pruned: [],
    ready: true,
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
