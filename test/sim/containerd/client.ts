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
import { type Database, database } from './database.ts';
import type { SimulatedContainerd } from './server.ts';
import { found, fresh, matches, refuse, relabelled } from './state.ts';

const DEADLINE_MS = 10_000;
/** A call of a shim waits for the kernel. */
const SHIM_LONG_MS = 45_000;

const errors: Errors = {
  unavailable: (message) => new ContainerdError('unavailable', message),
  cancelled: (name) => new ContainerdError('cancelled', `${name}: aborted by the caller`),
  deadline: (name, ms) => new ContainerdError('deadline', `${name}: no answer in ${ms} ms`),
  failure: (name) => new ContainerdError('unknown', `${name}: simulated failure: unknown`),
};

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
  const mayFail = (name: string): boolean => MAY_FAIL.has(name);
  const db = database({ server, clock, life, wire, errors, mayFail });
  const plan = (name: string, options: CallOptions | undefined, methodMs: number | null) => ({
    name,
    signal: options?.signal,
    deadlineMs: options?.deadlineMs === undefined ? methodMs : options.deadlineMs,
    longMs: SHIM_LONG_MS,
    mayFail: mayFail(name),
  });
  const askShim: AskShim = (name, id, options, act, methodMs = DEADLINE_MS) =>
    wire.call(plan(name, options, methodMs), (lateMs) =>
      name === 'tasks.create'
        ? act(lateMs)
        : server.shimCall(id, IN_MEMORY.has(name) ? 0 : lateMs, () => act(0)),
    );
  return {
    address: '/simulated/containerd.sock',
    namespace: 'sim',
    ...servicesOf(server, db, askShim),
    events: { subscribe: (_, signal) => heard(server, life, signal) },
    version: (options) =>
      db.look('version', null, options, () => ({ version: '1.6.20', revision: 'sim' })),
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

function servicesOf(server: SimulatedContainerd, db: Database, askShim: AskShim) {
  return {
    containers: containers(server, db),
    tasks: tasks(server, db, askShim),
    snapshots: snapshots(server, db),
    images: images(server, db),
    content: content(server, db),
    leases: leases(server, db),
    namespaces: namespaces(server, db),
    diff: {
      apply: () => Promise.reject(new ContainerdError('unimplemented', 'no layers here')),
    },
    introspection: {
      server: (options?: CallOptions) => db.look('server', null, options, () => ({ uuid: 'sim' })),
      plugins: (_?: readonly string[], options?: CallOptions) =>
        db.look('plugins', null, options, () => []),
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

function containers({ metadata }: SimulatedContainerd, db: Database): Containers {
  return {
    get: (id, options) => db.look('containers.get', id, options, () => metadata.getRecord(id)),
    list: (filters = [], options) =>
      db.look('containers.list', '', options, () => metadata.listRecords(filters)),
    create: (record, options) =>
      db.change('containers.create', record.id, options, () => metadata.createRecord(record)),
    update: (id, labels, options) =>
      db.change('containers.update', id, options, () => metadata.updateRecord(id, labels)),
    delete: (id, options) =>
      db.change('containers.delete', id, options, () => metadata.deleteRecord(id)),
  };
}

function tasks({ tasks: service }: SimulatedContainerd, db: Database, shim: AskShim): Tasks {
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
    list: (options) => db.look('tasks.list', '', options, () => service.list()),
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

function snapshots({ metadata, state }: SimulatedContainerd, db: Database): Snapshots {
  const make =
    (kind: 'active' | 'view') => (wanted: Parameters<Snapshots['prepare']>[0], o?: CallOptions) =>
      db.change('snapshots.prepare', wanted.key, o, () => metadata.prepare(wanted, kind, o));
  return {
    prepare: make('active'),
    view: make('view'),
    mounts: ({ key }, options) =>
      db.look('snapshots.mounts', key, options, () => metadata.mounts(key)),
    commit: ({ key, name, labels }, options) =>
      db.change(
        'snapshots.commit',
        key,
        options,
        () => metadata.commit(key, name, labels, options),
        60_000,
      ),
    remove: ({ key }, options) =>
      db.change('snapshots.remove', key, options, () => metadata.remove(key), 60_000),
    stat: ({ key }, options) => db.look('snapshots.stat', key, options, () => metadata.stat(key)),
    list: (_, filters = [], options) =>
      db.look('snapshots.list', '', options, () =>
        [...state.snapshots.values()].filter(({ name, parent, kind, labels }) =>
          matches(filters, { name, parent, kind }, labels),
        ),
      ),
    usage: ({ key }, options) =>
      db.look('snapshots.usage', key, options, () => {
        metadata.stat(key);
        return { size: 4096, inodes: 1 };
      }),
  };
}

function images({ metadata, state }: SimulatedContainerd, db: Database): Images {
  return {
    get: (name, options) => db.look('images.get', name, options, () => metadata.getImage(name)),
    list: (filters = [], options) =>
      db.look('images.list', null, options, () =>
        [...state.images.values()].filter(({ name, labels }) => matches(filters, { name }, labels)),
      ),
    create: (image, options) =>
      db.change('images.create', image.name, options, () => metadata.createImage(image)),
    update: (image, options) =>
      db.change('images.update', image.name, options, () => metadata.updateImage(image)),
    delete: (name, options) =>
      db.change('images.delete', name, options, () => metadata.deleteImage(name)),
  };
}

function content({ metadata, state }: SimulatedContainerd, db: Database): Content {
  return {
    info: (digest, options) =>
      db.look('content.info', digest, options, () => metadata.info(digest)),
    write: (blob, options) =>
      db.change('content.write', blob.digest, options, () => metadata.write(blob, options)),
    async *read(digest, options) {
      await db.look('content.read', digest, options, () => metadata.info(digest));
    },
    readAll: async (digest, options) => {
      const { size } = await db.look('content.read', digest, options, () => metadata.info(digest));
      return Buffer.alloc(size);
    },
    update: (digest, labels, options) =>
      db.change('content.update', digest, options, () => metadata.relabelContent(digest, labels)),
    list: (_, options) => db.look('content.list', '', options, () => [...state.blobs.values()]),
    delete: (digest, options) =>
      db.change('content.delete', digest, options, () => metadata.deleteContent(digest)),
  };
}

function leases({ metadata, state }: SimulatedContainerd, db: Database): Leases {
  return {
    create: (id, labels = {}, options) =>
      db.change('leases.create', id, options, () => metadata.createLease(id, labels)),
    delete: (id, options) =>
      db.change('leases.delete', id, options, () => metadata.deleteLease(id)),
    list: (filters = [], options) =>
      db.look('leases.list', '', options, () =>
        [...state.leases.values()].filter(({ id, labels }) => matches(filters, { id }, labels)),
      ),
    addResource: (id, { id: key, type }, options) =>
      db.change('leases.addResource', id, options, () => {
        const kind = type === 'content' ? 'content' : 'snapshot';
        found(state.leases, 'lease', id).holds.add(`${kind} ${key}`);
      }),
    listResources: (id, options) =>
      db.look('leases.listResources', id, options, () =>
        [...found(state.leases, 'lease', id).holds].map((what) => {
          const [kind = '', key = ''] = what.split(' ');
          return { id: key, type: kind === 'content' ? kind : 'snapshots/overlayfs' };
        }),
      ),
  };
}

function namespaces({ state }: SimulatedContainerd, db: Database): Namespaces {
  const put = (name: string, labels: Labels) => {
    state.namespaces.set(name, labels);
    return { name, labels };
  };
  return {
    get: (name, options) =>
      db.look('namespaces.get', name, options, () => ({
        name,
        labels: state.namespaces.get(name) ?? {},
      })),
    list: (options) =>
      db.look('namespaces.list', '', options, () =>
        [...state.namespaces].map(([name, labels]) => ({ name, labels })),
      ),
    create: (name, labels, options) =>
      db.change('namespaces.create', name, options, () => {
        fresh(state.namespaces, 'namespace', name);
        return put(name, labels);
      }),
    update: (name, labels, options) =>
      db.change('namespaces.update', name, options, () => {
        const known = state.namespaces.get(name);
        if (known === undefined) return refuse('not-found', `namespace "${name}": not found`);
        return put(name, relabelled(known, labels));
      }),
  };
}
