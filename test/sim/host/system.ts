/** The machine as the handlers of one life of the daemon see it. */

import type { FilesPort, MountsPort, SystemPort } from '../../../effects/container/systemPort.ts';
import type { Mount } from '../../../effects/containerd/types.ts';
import { EffectFailure } from '../../../effects/failure.ts';
import type { SimulatedClock } from '../clock.ts';
import type { ProcessTable } from '../containerd/processes.ts';
import { type Life, never } from '../life.ts';
import type { Truth } from '../truth.ts';
import type { Weather } from '../weather.ts';
import type { FileTree } from './files.ts';

export interface SystemParts {
  readonly clock: SimulatedClock;
  readonly weather: Weather;
  readonly truth: Truth;
  readonly tree: FileTree;
  readonly processes: ProcessTable;
}

const MOUNT_MS = 5;

export function simulatedSystem(parts: SystemParts, life: Life): SystemPort {
  const { clock, tree, processes } = parts;
  return {
    nowNs: () => clock.nowNs(),
    sleep: (ms, signal) => sleep(clock, life, ms, signal),
    files: files(parts, life),
    mounts: mounts(parts, life),
    confined: {
      readFile: (root, path) => {
        const text = tree.get(`${root}/${path}`.replaceAll('//', '/'));
        return typeof text === 'string' ? Buffer.from(text) : undefined;
      },
      makeDirectories: (root, path) => {
        if (life.alive) tree.makeDirectories(`${root}/${path}`);
      },
    },
    programs: { lookUp: (file) => ({ kind: 'found', file }) },
    controlGroups: { end: () => true, expectMoves: () => () => undefined },
    devices: { node: () => undefined, below: () => [] },
    processes: {
      startTime: (pid) => alive(processes, pid)?.startTime,
      isAlive: (pid, started) => alive(processes, pid)?.startTime === started,
      kill: (pid, started) => {
        const process = alive(processes, pid);
        if (life.alive && process?.startTime === started) process.signal(9);
      },
      killGroup: (pid, started) => {
        const process = alive(processes, pid);
        const same = life.alive && process?.startTime === started;
        if (same) process.signal(9);
        return same;
      },
    },
  };
}

function alive(processes: ProcessTable, pid: number) {
  const process = processes.find(pid);
  return process?.status === 'stopped' ? undefined : process;
}

function sleep(
  clock: SimulatedClock,
  life: Life,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const aborted = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const awake = (): void => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    };
    const cancel = clock.after(ms, awake, life);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** Done at once, and the daemon may be killed before or after. */
async function step<T>(life: Life, name: string, act: () => T): Promise<T> {
  if (!life.passes(`before ${name}`)) return never();
  const result = act();
  return life.passes(`after ${name}`) ? result : never();
}

function files({ tree, truth }: SystemParts, life: Life): FilesPort {
  return {
    makeDirectories: (path) => step(life, 'mkdir', () => tree.makeDirectories(path)),
    isDirectory: (path) => step(life, 'lstat', () => tree.get(path) === null),
    exists: (path) => step(life, 'exists', () => tree.get(path) !== undefined),
    changedNs: () => step(life, 'stat', () => undefined),
    readText: (path) => step(life, 'read', () => tree.get(path) ?? undefined),
    writeText: (path, text, { fresh = false }) =>
      step(life, 'write', () => tree.write(path, text, fresh)),
    makeLink: (path, target) => step(life, 'symlink', () => tree.write(path, target, true)),
    remove: (path) =>
      step(life, 'rm', () => {
        truth.removing(path);
        tree.remove(path);
      }),
    removeDirectory: (path) => step(life, 'rmdir', () => tree.removeDirectory(path)),
  };
}

function mounts({ tree, clock, weather, truth }: SystemParts, life: Life): MountsPort {
  return {
    isMounted: (target) => tree.mounted.has(target),
    async mount(wanted: Mount) {
      if (!life.passes('before mount')) return never();
      await clock.delay(MOUNT_MS, life);
      if (weather.happens('failure')) {
        truth.trouble(`mount of ${wanted.target} fails`);
        throw new EffectFailure('failed', 'mount: simulated failure');
      }
      tree.mount(wanted);
      if (!life.passes('after mount')) return never();
    },
    async unmount(target, { detach }) {
      if (!life.passes('before unmount')) return never();
      await clock.delay(MOUNT_MS, life);
      if (!detach && weather.happens('failure')) {
        throw Object.assign(new Error(`EBUSY: umount ${target}`), { code: 'EBUSY' });
      }
      tree.unmount(target);
      if (!life.passes('after unmount')) return never();
    },
  };
}
