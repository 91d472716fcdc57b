/** What callers want of volumes: named ones that many mount, and some that go with a container. */
import type { MountPoint } from '../../machines/container.mounts.ts';
import type { VolumeRef } from '../../machines/volume.claims.ts';
import type { VolumeCommand } from '../../machines/volume.commands.ts';
import type { Random } from './random.ts';

const NAMES = ['data', 'state', 'cache'];

type Create = Extract<VolumeCommand, { type: 'create-volume' }>;

export class VolumeLoad {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param present those that are there now */
  next(present: readonly VolumeRef[]): VolumeCommand {
    const random = this.#random;
    if (present.length < 2 || random.chance(0.6)) return created(random.pick(NAMES), null);
    return { type: 'remove-volume', ...random.pick(present) };
  }

  /** What a new container mounts; mostly nothing. */
  mounts(present: readonly VolumeRef[], container: string): readonly MountPoint[] {
    const random = this.#random;
    const named = present.filter(() => random.chance(0.25)).map((volume) => mount(volume));
    if (random.chance(0.8)) return named;
    return [...named, { ...mount({ name: `anonymous-${container}`, incarnation: 1 }), anonymous }];
  }
}

const anonymous = true;

const mount = (volume: VolumeRef): MountPoint => ({
  type: 'volume',
  destination: `/${volume.name}`,
  readWrite: true,
  source: '',
  mode: 'z',
  propagation: '',
  volume,
});

/** The volume that a container is to have for itself is made before it. */
export function madeBefore(mounts: readonly MountPoint[], container: string): readonly Create[] {
  return mounts.flatMap(({ volume, anonymous }) =>
    volume !== undefined && anonymous ? [created(volume.name, container)] : [],
  );
}

const created = (name: string, container: string | null): Create => ({
  type: 'create-volume',
  name,
  incarnation: 1,
  driver: 'local',
  options: null,
  labels: null,
  anonymous: container !== null,
  container,
});
