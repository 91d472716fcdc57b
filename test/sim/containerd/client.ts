/** The `Containerd` of one life of the daemon, over a simulated containerd. */
import type { Containerd } from '../../../effects/containerd/client.ts';
import { ContainerdError } from '../../../effects/containerd/errors.ts';
import type { Containers } from '../../../effects/containerd/services/containers.ts';
import type { Content } from '../../../effects/containerd/services/content.ts';
import type { Images } from '../../../effects/containerd/services/images.ts';
import type { Leases } from '../../../effects/containerd/services/leases.ts';
import type { Namespaces } from '../../../effects/containerd/services/namespaces.ts';
import type { Snapshots } from '../../../effects/containerd/services/snapshots.ts';
import type { Tasks } from '../../../effects/containerd/services/tasks.ts';
import type { CallOptions, ContainerdEvent, Labels } from '../../../effects/containerd/types.ts';
import type { SimulatedClock } from '../clock.ts';
import type { Life } from '../life.ts';
import type { Weather } from '../weather.ts';
import { type Errors, Wire } from '../wire.ts';
import type { SimulatedContainerd } from './server.ts';
import { found, fresh, matches, refuse, relabelled } from './state.ts';

const DEADLINE_MS = 10_000;
/** A database transaction waits for others; a call of a shim for the kernel. */
const DATABASE_LONG_MS = 12_000;
const SHIM_LONG_MS = 45_000;

const errors: Errors = {
  unavailable: (message) => new ContainerdError('unavailable', message),
  cancelled: (name) => new ContainerdError('cancelled', `${name}: aborted by the caller`),
  deadline: (name, ms) => new ContainerdError('deadline', `${name}: no answer in ${ms} ms`),
  failure: (name) => new ContainerdError('unknown', `${name}: simulated failure: unknown`),
};

/** One call: its name, its options, its default deadline, and what it does at the other side. */
type Ask = <T>(
  name: string,
  options: CallOptions | undefined,
  act: () => T,
  deadlineMs?: number | null,
) => Promise<T>;
/** A call of the shim of that container's task. */
type AskShim = <T>(
  name: string,
  id: string,
  options: CallOptions | undefined,
  act: (lateMs: number) => T | Promise<T>,
  deadlineMs?: number | null,
) => Promise<T>;

export function simulatedClient(
  server: SimulatedContainerd,
  clock: SimulatedClock,
  life: Life,
  weather: Weather,
): Containerd {
  const wire = new Wire(clock, life, weather, server.neighbour, errors);
  const plan = (name: string, options: CallOptions | undefined, methodMs: number | null) => ({
    name,
    signal: options?.signal,
    deadlineMs: options?.deadlineMs === undefined ? methodMs : options.deadlineMs,
    longMs: name.startsWith('tasks.') ? SHIM_LONG_MS : DATABASE_LONG_MS,
    mayFail: MAY_FAIL.has(name),
  });
  const ask: Ask = (name, options, act, methodMs = DEADLINE_MS) =>
    wire.call(plan(name, options, methodMs), (lateMs) => server.transaction(lateMs, act));
  const askShim: AskShim = (name, id, options, act, methodMs = DEADLINE_MS) =>
    wire.call(plan(name, options, methodMs), (lateMs) =>
      name === 'tasks.create'
        ? act(lateMs)
        : server.shimCall(id, IN_MEMORY.has(name) ? 0 : lateMs, () => act(0)),
    );
  return {
    address: '/simulated/containerd.sock',
    namespace: 'sim',
    ...servicesOf(server, ask, askShim),
    events: { subscribe: (_, signal) => heard(server, life, signal) },
    version: (options) => ask('version', options, () => ({ version: '1.6.20', revision: 'sim' })),
    ...connectionOf(server, life),
  };
}

/** The shim answers these out of its memory; for the others it runs the OCI runtime. */
const IN_MEMORY: ReadonlySet<string> = new Set([
  'tasks.exec',
  'tasks.get',
  'tasks.wait',
  'tasks.closeIO',
]);

/** The rest of the world can make these fail for good: no space, no memory, a busy device. */
const MAY_FAIL: ReadonlySet<string> = new Set([
  'snapshots.prepare',
  'snapshots.remove',
  'tasks.create',
  'tasks.start',
  'tasks.exec',
  'tasks.pause',
  'tasks.resume',
]);

/** A dead daemon hears nothing; without a connection there is nothing to hear. */
async function* heard(
  { events, neighbour }: SimulatedContainerd,
  life: Life,
  signal: AbortSignal,
): AsyncGenerator<ContainerdEvent> {
  if (!neighbour.up) throw errors.unavailable('connection refused');
  for await (const event of events.subscribe(signal)) {
    if (!life.alive) return;
    yield event;
  }
}

function servicesOf(server: SimulatedContainerd, ask: Ask, askShim: AskShim) {
  return {
    containers: containers(server, ask),
    tasks: tasks(server, ask, askShim),
    snapshots: snapshots(server, ask),
    images: images(server, ask),
    content: content(server, ask),
    leases: leases(server, ask),
    namespaces: namespaces(server, ask),
    diff: {
      apply: () => Promise.reject(new ContainerdError('unimplemented', 'no layers here')),
    },
    introspection: {
      server: (options?: CallOptions) => ask('server', options, () => ({ uuid: 'sim' })),
      plugins: (_?: readonly string[], options?: CallOptions) => ask('plugins', options, () => []),
    },
  };
}

function connectionOf(
  { neighbour }: SimulatedContainerd,
  life: Life,
): Pick<Containerd, 'state' | 'onState' | 'whenConnected' | 'close'> {
  return {
    state: () => (neighbour.up ? 'connected' : 'lost'),
    onState: (listener) =>
      neighbour.onChange((up) => life.alive && listener(up ? 'connected' : 'lost')),
    whenConnected: () => Promise.resolve(neighbour.up),
    close: () => undefined,
  };
}

function containers({ metadata }: SimulatedContainerd, ask: Ask): Containers {
  return {
    get: (id, options) => ask('containers.get', options, () => metadata.getRecord(id)),
    list: (filters = [], options) =>
      ask('containers.list', options, () => metadata.listRecords(filters)),
    create: (record, options) =>
      ask('containers.create', options, () => metadata.createRecord(record)),
    update: (id, labels, options) =>
      ask('containers.update', options, () => metadata.updateRecord(id, labels)),
    delete: (id, options) => ask('containers.delete', options, () => metadata.deleteRecord(id)),
  };
}

function tasks({ tasks: service }: SimulatedContainerd, ask: Ask, shim: AskShim): Tasks {
  return {
    create: (task, options) =>
      shim(
        'tasks.create',
        task.containerId,
        options,
        (lateMs) => service.create(task, lateMs),
        60_000,
      ),
    start: (ref, options) =>
      shim('tasks.start', ref.containerId, options, () => service.start(ref), 30_000),
    delete: (id, options) => shim('tasks.delete', id, options, () => service.delete(id), 30_000),
    deleteProcess: (ref, options) =>
      shim(
        'tasks.deleteProcess',
        ref.containerId,
        options,
        () => service.deleteProcess(ref),
        30_000,
      ),
    get: (ref, options) => shim('tasks.get', ref.containerId, options, () => service.get(ref)),
    list: (options) => ask('tasks.list', options, () => service.list()),
    kill: (target, options) =>
      shim('tasks.kill', target.containerId, options, () => service.kill(target)),
    wait: (ref, options) =>
      shim('tasks.wait', ref.containerId, options, () => service.wait(ref), null),
    pause: (id, options) => shim('tasks.pause', id, options, () => service.pause(id)),
    resume: (id, options) => shim('tasks.resume', id, options, () => service.resume(id)),
    exec: (exec, options) =>
      shim('tasks.exec', exec.containerId, options, () => service.exec(exec)),
    resizePty: (target, options) =>
      shim('tasks.resizePty', target.containerId, options, () => service.touch(target)),
    closeIO: (ref, options) =>
      shim('tasks.closeIO', ref.containerId, options, () => service.touch(ref)),
    listPids: (id, options) => shim('tasks.listPids', id, options, () => service.listPids(id)),
    update: (id, _, options) =>
      shim('tasks.update', id, options, () => service.touch({ containerId: id })),
  };
}

function snapshots({ metadata, state }: SimulatedContainerd, ask: Ask): Snapshots {
  const make =
    (kind: 'active' | 'view') => (wanted: Parameters<Snapshots['prepare']>[0], o?: CallOptions) =>
      ask('snapshots.prepare', o, () => metadata.prepare(wanted, kind, o));
  return {
    prepare: make('active'),
    view: make('view'),
    mounts: ({ key }, options) => ask('snapshots.mounts', options, () => metadata.mounts(key)),
    commit: ({ key, name, labels }, options) =>
      ask('snapshots.commit', options, () => metadata.commit(key, name, labels, options), 60_000),
    remove: ({ key }, options) =>
      ask('snapshots.remove', options, () => metadata.remove(key), 60_000),
    stat: ({ key }, options) => ask('snapshots.stat', options, () => metadata.stat(key)),
    list: (_, filters = [], options) =>
      ask('snapshots.list', options, () =>
        [...state.snapshots.values()].filter(({ name, parent, kind, labels }) =>
          matches(filters, { name, parent, kind }, labels),
        ),
      ),
    usage: ({ key }, options) =>
      ask('snapshots.usage', options, () => {
        metadata.stat(key);
        return { size: 4096, inodes: 1 };
      }),
  };
}

function images({ metadata, state }: SimulatedContainerd, ask: Ask): Images {
  return {
    get: (name, options) => ask('images.get', options, () => metadata.getImage(name)),
    list: (filters = [], options) =>
      ask('images.list', options, () =>
        [...state.images.values()].filter(({ name, labels }) => matches(filters, { name }, labels)),
      ),
    create: (image, options) => ask('images.create', options, () => metadata.createImage(image)),
    update: (image, options) => ask('images.update', options, () => metadata.updateImage(image)),
    delete: (name, options) => ask('images.delete', options, () => metadata.deleteImage(name)),
  };
}

function content({ metadata, state }: SimulatedContainerd, ask: Ask): Content {
  return {
    info: (digest, options) => ask('content.info', options, () => metadata.info(digest)),
    write: (blob, options) => ask('content.write', options, () => metadata.write(blob, options)),
    async *read(digest, options) {
      await ask('content.read', options, () => metadata.info(digest));
    },
    readAll: async (digest, options) => {
      const { size } = await ask('content.read', options, () => metadata.info(digest));
      return Buffer.alloc(size);
    },
    update: (digest, labels, options) =>
      ask('content.update', options, () => metadata.relabelContent(digest, labels)),
    list: (_, options) => ask('content.list', options, () => [...state.blobs.values()]),
    delete: (digest, options) =>
      ask('content.delete', options, () => metadata.deleteContent(digest)),
  };
}

function leases({ metadata, state }: SimulatedContainerd, ask: Ask): Leases {
  return {
    create: (id, labels = {}, options) =>
      ask('leases.create', options, () => metadata.createLease(id, labels)),
    delete: (id, options) => ask('leases.delete', options, () => metadata.deleteLease(id)),
    list: (filters = [], options) =>
      ask('leases.list', options, () =>
        [...state.leases.values()].filter(({ id, labels }) => matches(filters, { id }, labels)),
      ),
    addResource: (id, { id: key, type }, options) =>
      ask('leases.addResource', options, () => {
        const kind = type === 'content' ? 'content' : 'snapshot';
        found(state.leases, 'lease', id).holds.add(`${kind} ${key}`);
      }),
    listResources: (id, options) =>
      ask('leases.listResources', options, () =>
        [...found(state.leases, 'lease', id).holds].map((what) => {
          const [kind = '', key = ''] = what.split(' ');
          return { id: key, type: kind === 'content' ? kind : 'snapshots/overlayfs' };
        }),
      ),
  };
}

function namespaces({ state }: SimulatedContainerd, ask: Ask): Namespaces {
  const put = (name: string, labels: Labels) => {
    state.namespaces.set(name, labels);
    return { name, labels };
  };
  return {
    get: (name, options) =>
      ask('namespaces.get', options, () => ({ name, labels: state.namespaces.get(name) ?? {} })),
    list: (options) =>
      ask('namespaces.list', options, () =>
        [...state.namespaces].map(([name, labels]) => ({ name, labels })),
      ),
    create: (name, labels, options) =>
      ask('namespaces.create', options, () => {
        fresh(state.namespaces, 'namespace', name);
        return put(name, labels);
      }),
    update: (name, labels, options) =>
      ask('namespaces.update', options, () => {
        const known = state.namespaces.get(name);
        if (known === undefined) return refuse('not-found', `namespace "${name}": not found`);
        return put(name, relabelled(known, labels));
      }),
  };
}
