/**
 * All that a daemon's containers and images have in the world, a line each: what containerd keeps,
 * processes, mounts, FIFOs, log files, network namespaces. Before and after it has to be the same.
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SNAPSHOTTER } from '../../cli/options.ts';
import { type Containerd, connectContainerd } from '../../effects/containerd/client.ts';
import { pathsUnder } from '../support/leftovers.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';

export class Inventory {
  readonly #daemon: TemporaryDaemon;
  readonly #containerd: Containerd;

  private constructor(daemon: TemporaryDaemon, containerd: Containerd) {
    this.#daemon = daemon;
    this.#containerd = containerd;
  }

  /** The daemon must have got ready once. */
  static async open(daemon: TemporaryDaemon): Promise<Inventory> {
    const address = join(daemon.execRoot, 'containerd', 'containerd.sock');
    const anybody = connectContainerd({ address, namespace: 'default' });
    await anybody.whenConnected(10_000);
    const names = (await anybody.namespaces.list()).map(({ name }) => name);
    anybody.close();
    const namespace = names.find((name) => name.startsWith('shiplog-'));
    if (namespace === undefined) throw new Error(`no namespace of ours: ${names}`);
    return new Inventory(daemon, connectContainerd({ address, namespace }));
  }

  close(): void {
    this.#containerd.close();
  }

  /** Sorted. */
  async list(): Promise<readonly string[]> {
    const there = [...(await this.#atContainerd()), ...this.#daemon.leaks(), ...this.#files()];
    return there.sort();
  }

  async #atContainerd(): Promise<readonly string[]> {
    await this.#containerd.whenConnected(10_000);
    const { containers, tasks, snapshots, leases, images, content } = this.#containerd;
    return [
      ...(await containers.list()).map(({ id }) => `record ${id}`),
      ...(await tasks.list()).map(({ id, status }) => `task ${id} ${status}`),
      ...(await snapshots.list(DEFAULT_SNAPSHOTTER)).map(
        ({ name, kind }) => `snapshot ${name} ${kind}`,
      ),
      ...(await leases.list()).map(({ id }) => `lease ${id}`),
      ...(await images.list()).map(({ name }) => `image ${name}`),
      ...(await content.list()).map(({ digest }) => `content ${digest}`),
    ];
  }

  #files(): readonly string[] {
    const { dataRoot, execRoot } = this.#daemon;
    const stdio = join(execRoot, 'stdio');
    const fifos = pathsUnder(stdio).filter((path) => {
      return lstatSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
    });
    const kept = [join(dataRoot, 'containers'), join(dataRoot, 'volumes')].flatMap(pathsUnder);
    return [...fifos.map((path) => `fifo ${path}`), ...kept.map((path) => `file ${path}`)];
  }
}

/** What is in one and not in the other, in the words of the one who looks for a leak. */
export function difference(before: readonly string[], now: readonly string[]): readonly string[] {
  return [
    ...now.filter((line) => !before.includes(line)).map((line) => `left behind: ${line}`),
    ...before.filter((line) => !now.includes(line)).map((line) => `lost: ${line}`),
  ];
}

/** Without the names: what it is that was left behind or lost. */
export function kindsOf(found: readonly string[]): readonly string[] {
  return found.map((line) => line.split(' ').slice(0, -1).join(' ')).sort();
}
