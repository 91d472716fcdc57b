/** A real containerd for tests, on a data root of its own that is gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountPoints, unmount } from '../system/mounts.ts';
import { type Containerd, connectContainerd } from './client.ts';
import { isContainerdError } from './errors.ts';
import {
  type ManagedContainerd,
  type ManagedOptions,
  startManaged,
  stopManaged,
} from './managed.ts';

export const quiet = { info: () => undefined, warn: () => undefined };

export interface TestContainerd {
  readonly directory: string;
  readonly options: ManagedOptions;
  readonly managed: ManagedContainerd;
  readonly client: Containerd;
  /** Kills the tasks of the client's namespace, ends containerd, removes mounts and files. */
  end(): Promise<void>;
}

export async function testDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'shiplog-'));
}

export function optionsIn(directory: string): ManagedOptions {
  return {
    dataRoot: join(directory, 'data'),
    execRoot: join(directory, 'exec'),
    logLevel: 'warn',
    log: quiet,
  };
}

export async function startTestContainerd(namespace = 'test'): Promise<TestContainerd> {
  const directory = await testDirectory();
  const options = optionsIn(directory);
  const managed = await startManaged(options);
  const client = connectContainerd({ address: managed.address, namespace });
  await client.whenConnected(10_000);
  const end = async (): Promise<void> => {
    await endTasks(client);
    client.close();
    await stopManaged(managed);
    await removeDirectory(directory);
  };
  return { directory, options, managed, client, end };
}

export async function removeDirectory(directory: string): Promise<void> {
  const ours = mountPoints().filter((path) => path.startsWith(`${directory}/`));
  for (const path of ours.reverse()) await unmount(path, { detach: true });
  await rm(directory, { recursive: true, force: true });
}

async function endTasks(client: Containerd): Promise<void> {
  const tasks = await client.tasks.list().catch(() => []);
  for (const { id } of tasks) {
    try {
      await client.tasks.kill({ containerId: id, signal: 9, all: true });
      await client.tasks.wait({ containerId: id }, { deadlineMs: 5_000 });
    } catch (error) {
      if (!isContainerdError(error)) throw error;
    }
    await client.tasks.delete(id).catch(() => undefined);
  }
}
