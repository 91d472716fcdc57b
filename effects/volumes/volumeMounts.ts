/**
 * Who uses the mount of a volume that has a device. It is mounted once, when the first run or copy
 * needs it, and taken away with the last. All of one volume happens one after the other. A daemon
 * that was killed leaves mounts behind: `sweepVolumes` takes those away that no run uses.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import type { Mounted, MountPoint } from '../../machines/container.mounts.ts';
import type { SystemPort } from '../container/systemPort.ts';
import { EffectFailure } from '../failure.ts';
import { codeOf, SystemError } from '../system/libc.ts';
import { mountFlags } from '../system/mountFlags.ts';
import type { Mount } from '../system/mounts.ts';
import { optionsOfDevice } from './driverOptions.ts';
import { volumePaths } from './paths.ts';

export interface VolumeMounts {
  /** @param user a container's id, or the name of a copy. @throws EffectFailure */
  use(user: string, mounted: Mounted): Promise<void>;
  /** Repeatable. */
  release(user: string, mounted: Mounted): Promise<void>;
  /** The volume is removed. */
  drop(name: string): Promise<void>;
}

export interface VolumeMountsDeps {
  readonly dataRoot: string;
  readonly system: Pick<SystemPort, 'files' | 'mounts'>;
  /** Users of before, by the name of the volume. */
  readonly users: ReadonlyMap<string, readonly string[]>;
}

export function makeVolumeMounts({ dataRoot, system, users }: VolumeMountsDeps): VolumeMounts {
  const held = new Map([...users].map(([name, ids]) => [name, new Set(ids)]));
  const last = new Map<string, Promise<unknown>>();

  async function inTurn(name: string, what: () => Promise<void>): Promise<void> {
    const done = (last.get(name) ?? Promise.resolve()).then(what);
    const settled = done.catch(() => undefined);
    last.set(name, settled);
    try {
      await done;
    } finally {
      if (last.get(name) === settled) last.delete(name);
    }
  }

  const unmount = async (name: string): Promise<void> => {
    const { data } = volumePaths(dataRoot, name);
    while (system.mounts.isMounted(data)) await unmountOne(system, data);
  };

  return {
    async use(user, mounted) {
      for (const point of withDevice(mounted)) {
        await inTurn(point.volume.name, async () => {
          const { name } = point.volume;
          held.set(name, (held.get(name) ?? new Set()).add(user));
          await mountOnce(system, dataRoot, point);
        });
      }
    },
    async release(user, mounted) {
      for (const name of volumesIn({ mounts: withDevice(mounted) })) {
        await inTurn(name, async () => {
          held.get(name)?.delete(user);
          if ((held.get(name)?.size ?? 0) > 0) return;
          held.delete(name);
          await unmount(name);
        });
      }
    },
    drop: (name) =>
      inTurn(name, async () => {
        held.delete(name);
        await unmount(name);
      }),
  };
}

/** Names, each once. */
export const volumesIn = ({ mounts = [] }: Mounted): ReadonlySet<string> =>
  new Set(mounts.flatMap(({ volume }) => volume?.name ?? []));

type WithDevice = MountPoint & Required<Pick<MountPoint, 'volume' | 'driverOptions'>>;

function withDevice({ mounts = [] }: Mounted): readonly WithDevice[] {
  return mounts.filter(
    (point): point is WithDevice =>
      point.volume !== undefined && point.driverOptions?.['device'] !== undefined,
  );
}

async function mountOnce(
  { files, mounts }: VolumeMountsDeps['system'],
  dataRoot: string,
  { volume, driverOptions }: WithDevice,
): Promise<void> {
  const { data } = volumePaths(dataRoot, volume.name);
  if (mounts.isMounted(data)) return;
  await files.makeDirectories(data, 0o755);
  const { type, device, options } = optionsOfDevice(driverOptions);
  try {
    await mounts.mount({ type, source: device, target: data, options });
  } catch (error) {
    if (error instanceof EffectFailure) throw error;
    const why = mountFailure(error, { source: device, target: data, options });
    const text = `error while mounting volume '${data}': failed to mount local volume: ${why}`;
    throw new EffectFailure('failed', text, { cause: error });
  }
}

/** As the daemon's clients know it from docker. */
function mountFailure(
  error: unknown,
  { source, target, options }: Pick<Mount, 'source' | 'target' | 'options'>,
): string {
  if (!(error instanceof SystemError)) return String(error);
  const { flags, data } = mountFlags(options);
  const shown = data === '' ? '' : `, data: ${data}`;
  const why = getSystemErrorMessage(-error.errno);
  return `mount ${source}:${target}, flags: 0x${flags.toString(16)}${shown}: ${why}`;
}

async function unmountOne({ mounts }: VolumeMountsDeps['system'], data: string): Promise<void> {
  try {
    await mounts.unmount(data, { detach: false });
  } catch (error) {
    if (codeOf(error) !== 'EBUSY') throw error;
    await mounts.unmount(data, { detach: true });
  }
}

/** @param used names of volumes that a run uses. Before anything else mounts one. */
export async function sweepVolumes(
  dataRoot: string,
  system: Pick<SystemPort, 'files' | 'mounts'>,
  used: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  for (const name of await namesIn(join(dataRoot, 'volumes'))) {
    const { data } = volumePaths(dataRoot, name);
    while (!used.has(name) && system.mounts.isMounted(data)) await unmountOne(system, data);
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
