/** The same container by containerd alone: what no daemon on top of it can beat. */
import { Readable } from 'node:stream';
import { encodeRuncOptions } from '../../effects/containerd/any.ts';
import { type Containerd, connectContainerd } from '../../effects/containerd/client.ts';
import { hostFacts } from '../../effects/host/facts.ts';
import { makeImageStager } from '../../effects/images/loader.ts';
import { DEFAULTS } from '../../effects/spec/fixture.ts';
import { ociSpec } from '../../effects/spec/spec.ts';
import { config, hostConfig } from '../../machines/samples.fixture.ts';

const SNAPSHOTTER = 'overlayfs';

export interface RawEngine {
  oneRun(): Promise<Readonly<Record<string, number>>>;
  /** A container that stays. */
  sleeper(): Promise<RawSleeper>;
  close(): void;
}

export interface RawSleeper {
  /** One more process in it, to its end. */
  exec(): Promise<void>;
  remove(): Promise<void>;
}

/** @param scratch directory for what is on its way, and for the runtime's state */
export async function rawContainerd(
  address: string,
  archive: Buffer,
  scratch: string,
): Promise<RawEngine> {
  const client = connectContainerd({ address, namespace: 'bench' });
  await client.whenConnected(10_000);
  const stager = makeImageStager({ client, snapshotter: SNAPSHOTTER, spoolDirectory: scratch });
  const [image] = await stager.stage(Readable.from([archive]));
  if (image === undefined) throw new Error('the archive holds no image');
  let count = 0;
  const { chainId: parent, lease } = image;
  const next = (): Run => {
    count += 1;
    return { id: `raw-${count}`, parent, lease, scratch };
  };
  return {
    close: () => client.close(),
    oneRun: () => oneRun(client, next()),
    sleeper: () => sleeper(client, next()),
  };
}

const NONE = { stdin: '', stdout: '', stderr: '', terminal: false };

async function sleeper(client: Containerd, run: Run): Promise<RawSleeper> {
  const { id } = run;
  const snapshot = { snapshotter: SNAPSHOTTER, key: id };
  const rootfs = await client.snapshots.prepare(
    { ...snapshot, parent: run.parent },
    { lease: run.lease },
  );
  const of = record(id, run.scratch, ['sleep', '100000']);
  await client.containers.create(of);
  await client.tasks.create({ containerId: id, rootfs, ...NONE });
  await client.tasks.start({ containerId: id });
  const spec = { ...of.spec.process, args: ['true'] };
  let count = 0;
  return {
    async exec() {
      count += 1;
      const ref = { containerId: id, execId: `exec-${count}` };
      await client.tasks.exec({ ...ref, ...NONE, spec });
      const exit = client.tasks.wait(ref);
      await client.tasks.start(ref);
      await exit;
      await client.tasks.deleteProcess(ref);
    },
    async remove() {
      await client.tasks.kill({ containerId: id, signal: 9 });
      await client.tasks.wait({ containerId: id });
      await client.tasks.delete(id);
      await client.containers.delete(id);
      await client.snapshots.remove(snapshot);
    },
  };
}

interface Run {
  readonly id: string;
  readonly parent: string;
  /** Keeps the snapshot from the collector until the record does. */
  readonly lease: string;
  readonly scratch: string;
}

async function oneRun(client: Containerd, { id, parent, lease, scratch }: Run) {
  const times: Record<string, number> = {};
  const timed = async <T>(step: string, act: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    const result = await act();
    times[step] = performance.now() - from;
    return result;
  };
  const from = performance.now();
  const snapshot = { snapshotter: SNAPSHOTTER, key: id };
  await timed('create', () => client.snapshots.prepare({ ...snapshot, parent }, { lease }));
  const exited = await timed('start', async () => {
    const rootfs = await client.snapshots.mounts(snapshot);
    await client.containers.create(record(id, scratch));
    await client.tasks.create({ containerId: id, rootfs, ...NONE });
    const exit = client.tasks.wait({ containerId: id });
    await client.tasks.start({ containerId: id });
    return { exit };
  });
  await timed('wait', () => exited.exit);
  await timed('remove', async () => {
    await client.tasks.delete(id);
    await client.containers.delete(id);
    await client.snapshots.remove(snapshot);
  });
  times['whole'] = performance.now() - from;
  return times;
}

function record(id: string, scratch: string, command = config.Cmd) {
  const spec = ociSpec({
    container: {
      id,
      config: { ...config, Cmd: command },
      hostConfig: { ...hostConfig, NetworkMode: 'none' },
    },
    env: [],
    rootPath: 'rootfs',
    user: { uid: 0, gid: 0, additionalGids: [] },
    files: { hosts: '/etc/hosts', hostname: '/etc/hostname', resolvConf: '/etc/resolv.conf' },
    host: hostFacts(),
    devices: { nodes: [], rules: [] },
    init: undefined,
    defaults: { ...DEFAULTS, seccomp: { kind: 'builtin' } },
    sharedMemory: undefined,
    donors: {},
    deviceNumbers: () => ({ major: 0, minor: 0 }),
  });
  const root = `${scratch}/runc`;
  const options = encodeRuncOptions({ binaryName: 'runc', root, systemdCgroup: false });
  const runtime = { name: 'io.containerd.runc.v2', options };
  return { id, labels: {}, image: '', runtime, spec, snapshotter: SNAPSHOTTER, snapshotKey: id };
}
