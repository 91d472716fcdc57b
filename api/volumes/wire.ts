/** Volumes as Engine API JSON. */
import type { VolumeView } from '../../projections/views.ts';
import { mountpointOf } from '../mounts/wire.ts';
import type { Volume } from '../openapi.gen.ts';
import { rfc3339 } from '../time.ts';

/** @param usage shown by df alone */
export function shownVolume(
  { name, driver, labels, options, createdNs }: VolumeView,
  dataRoot: string,
  usage?: { readonly Size: number; readonly RefCount: number },
): Volume {
  return {
    // In whole seconds, as dockerd has it of the directory.
    CreatedAt: rfc3339(createdNs).replace(/\.\d+/, ''),
    Driver: driver,
    Labels: sorted(labels),
    Mountpoint: mountpointOf(dataRoot, name),
    Name: name,
    Options: sorted(options),
    Scope: 'local',
    ...(usage === undefined ? {} : { UsageData: usage }),
  };
}

/** By key, as dockerd's JSON has its maps. */
function sorted(map: VolumeView['labels']): VolumeView['labels'] {
  if (map === null) return null;
  return Object.fromEntries(Object.entries(map).sort(([one], [two]) => (one < two ? -1 : 1)));
}
