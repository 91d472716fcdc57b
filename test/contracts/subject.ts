/** What a containerd, real or simulated, has to offer to be held to the contract. */
import assert from 'node:assert/strict';
import { encodeRuncOptions } from '../../effects/containerd/any.ts';
import type { Containerd } from '../../effects/containerd/client.ts';
import { type ContainerdErrorCode, isContainerdError } from '../../effects/containerd/errors.ts';
import type { NewContainer, NewTask } from '../../effects/containerd/types.ts';

/** Programs that the contract's processes run. */
export type Behaviour = 'exits 7' | 'sleeps' | 'ignores TERM' | 'is missing';

export interface Subject {
  readonly client: Containerd;
  readonly snapshotter: string;
  /** Name of a committed snapshot with the programs in it. */
  readonly parent: string;
  readonly runtimeRoot: string;
  args(behaviour: Behaviour): readonly string[];
  killShim(id: string): Promise<void>;
  /** Kills containerd, runs the body without it, and starts it again. */
  restart(body: () => Promise<void>): Promise<void>;
  pause(ms: number): Promise<void>;
  close(): Promise<void>;
}

export type GetSubject = () => Subject;

export const is =
  (code: ContainerdErrorCode, text = /./) =>
  (error: unknown): true => {
    assert.ok(isContainerdError(error, code), `${code} expected: ${String(error)}`);
    assert.match(error.message, text);
    return true;
  };

/** The least that runc takes. */
export function specOf(args: readonly string[]): object {
  const namespaces = ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type }));
  return {
    ociVersion: '1.0.2',
    process: { args, cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } },
    root: { path: 'rootfs' },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { namespaces, cgroupsPath: '/shiplog-contract' },
  };
}

export function recordOf(subject: Subject, id: string, behaviour: Behaviour): NewContainer {
  return {
    id,
    labels: { 'shiplog.run': '1' },
    image: '',
    runtime: {
      name: 'io.containerd.runc.v2',
      options: encodeRuncOptions({ root: subject.runtimeRoot }),
    },
    spec: specOf(subject.args(behaviour)),
    snapshotter: subject.snapshotter,
    snapshotKey: id,
  };
}

/** Lease, root and record of a container, and the task that is the caller's to make. */
export async function makeContainer(
  subject: Subject,
  id: string,
  behaviour: Behaviour,
): Promise<NewTask> {
  const { client, snapshotter, parent } = subject;
  await client.leases.create(id);
  const rootfs = await client.snapshots.prepare({ snapshotter, key: id, parent }, { lease: id });
  await client.containers.create(recordOf(subject, id, behaviour));
  return { containerId: id, rootfs, stdin: '', stdout: '', stderr: '', terminal: false };
}

export async function running(
  subject: Subject,
  id: string,
  behaviour: Behaviour = 'sleeps',
): Promise<NewTask> {
  const task = await makeContainer(subject, id, behaviour);
  await subject.client.tasks.create(task);
  await subject.client.tasks.start({ containerId: id });
  return task;
}

/** Ends what is there of the container, whatever state it is in. */
export async function drop(subject: Subject, id: string): Promise<void> {
  const { client, snapshotter } = subject;
  const { tasks } = client;
  const ref = { containerId: id };
  await absent(tasks.kill({ ...ref, signal: 9 }));
  const status = (await absent(tasks.get(ref)))?.status;
  if (status === 'paused') await thawed(subject, id);
  if (status !== undefined && status !== 'created') await absent(tasks.wait(ref));
  await absent(tasks.delete(id));
  await absent(client.containers.delete(id));
  await absent(client.snapshots.remove({ snapshotter, key: id }));
  await absent(client.leases.delete(id));
}

/** A pending SIGKILL may thaw or end it before we do: then there is nothing to resume. */
export async function thawed({ client }: Subject, id: string): Promise<void> {
  try {
    await client.tasks.resume(id);
  } catch (error) {
    const ended = isContainerdError(error, 'unknown') && /stopped|not paused/.test(error.message);
    if (!ended) throw error;
  }
}

async function absent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isContainerdError(error, 'not-found')) return undefined;
    throw error;
  }
}
