/**
 * All that is to be mounted in a new container, each target once. What comes later takes the place
 * of what comes before: other containers' volumes, `-v`, `--mount`; what the image declares, or the
 * config, fills only targets that are free. Two of `-v`, `--mount` and `--tmpfs` at one target are
 * an error.
 */
import type { ContainerConfig } from '../../machines/container.config.ts';
import type { ContainerDetails } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import type { HostConfigRequest } from '../openapi.gen.ts';
import { mountOfBind } from './binds.ts';
import { mountsOfDonor } from './donors.ts';
import { cleaned, mountOfSpec, type SpecContext } from './specs.ts';
import type { WantedMount } from './wanted.ts';

export interface PlanContext extends SpecContext {
  find(ref: string): ContainerDetails | undefined;
}

/** @throws ApiError */
export function planMounts(
  asked: HostConfigRequest,
  volumes: ContainerConfig['Volumes'],
  context: PlanContext,
): readonly WantedMount[] {
  const host = asked ?? {};
  const driver = host.VolumeDriver ?? '';
  const tmpfs = tmpfsTargets(host.Tmpfs ?? {});
  const plan = new Map<string, WantedMount>();
  for (const donor of host.VolumesFrom ?? []) {
    for (const mount of mountsOfDonor(donor, context.find)) {
      plan.set(mount.point.destination, mount);
    }
  }
  const taken = new Set<string>();
  const put = (mount: WantedMount): void => {
    const { destination } = mount.point;
    if (taken.has(destination)) throw duplicate(destination);
    taken.add(destination);
    plan.set(destination, mount);
  };
  for (const bind of host.Binds ?? []) {
    const mount = mountOfBind(bind, driver, context);
    if (tmpfs.has(mount.point.destination)) throw duplicate(mount.point.destination);
    put(mount);
  }
  for (const spec of host.Mounts ?? []) put(mountOfSpec(spec, context));
  for (const target of Object.keys(volumes ?? {})) {
    const mount = declared(target, driver);
    const { destination } = mount.point;
    if (!plan.has(destination) && !tmpfs.has(destination)) plan.set(destination, mount);
  }
  return [...plan.values()];
}

const duplicate = (target: string) =>
  apiError('invalid-create', { message: `Duplicate mount point: ${target}` });

function tmpfsTargets(given: Readonly<Record<string, string>>): ReadonlySet<string> {
  for (const target of Object.keys(given)) {
    if (!target.startsWith('/')) {
      const message = `invalid mount path: '${target}' mount path must be absolute`;
      throw apiError('invalid-create', { message });
    }
    if (cleaned(target) === '/') {
      const message = "invalid specification: destination can't be '/'";
      throw apiError('invalid-create', { message });
    }
  }
  return new Set(Object.keys(given).map(cleaned));
}

/** A volume of the container's own, without a name. */
function declared(target: string, driver: string): WantedMount {
  const destination = cleaned(target.startsWith('/') ? target : `/${target}`);
  return {
    point: {
      type: 'volume',
      destination,
      readWrite: true,
      source: '',
      mode: '',
      propagation: '',
      copyUp: true,
    },
    volume: { name: null, driver, options: null, labels: null },
  };
}
