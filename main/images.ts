/** The images of the facade, plugged into the stager, the content store and the image actors. */
import { passCommand } from '../actors/gate.ts';
import { refusalError } from '../api/errors.ts';
import { createImageStore } from '../api/images/store.ts';
import type { ImageStore } from '../api/ports.ts';
import { DEFAULT_SNAPSHOTTER } from '../cli/options.ts';
import { nowNs } from '../effects/system/clock.ts';
import { randomHex } from '../effects/system/ids.ts';
import { StartRefused } from '../effects/system/startRefused.ts';
import { DAEMON_STREAM, type DaemonContext } from '../machines/daemon.family.ts';
import { imageFamily } from '../machines/image.family.ts';
import { openContainerQueries } from '../projections/containerQueries.ts';
import { openImageQueries } from '../projections/images.ts';
import { type Daemon, record, worldOf } from './daemon.ts';

/** Longer than the deadline of any effect of an image. */
const IMAGE_MS = 150_000;

const rules = { family: imageFamily, needsRuntime: () => true, deadlineMs: () => IMAGE_MS };

export function imageStore({ gate, condition, system }: Daemon): ImageStore {
  return createImageStore({
    ambient: { nowNs, randomHex },
    stage: (archive, signal) => stager(condition).stage(archive, signal),
    stageTar: (tar, asked, signal) => stager(condition).stageTar(tar, asked, signal),
    stageCommit: (wishes, signal) => {
      const { archives } = worldOf(condition);
      const layer = archives.layer(wishes.container, signal);
      return stager(condition).stageCommit(layer, wishes, signal);
    },
    discard: (lease) => worldOf(condition).stager.discard(lease),
    read: (images, signal) => worldOf(condition).saveImages(images, signal),
    submit: (command, request) => passCommand(gate, rules, command, request),
    pruned: async (reclaimed) => {
      await record(system, { type: 'daemon.pruned', data: { what: 'image', reclaimed } });
    },
  });
}

/** Before anything is read: while containerd is away nothing would come of it but a deadline. */
function stager(condition: Daemon['condition']): ReturnType<typeof worldOf>['stager'] {
  const sinceNs = condition.awaySinceNs;
  if (sinceNs === null) return worldOf(condition).stager;
  throw refusalError({ kind: 'runtime-away', sinceNs }, { command: 'load', ref: '' });
}

/**
 * What lies on one snapshotter another does not see: images without files, containers without
 * roots. @throws StartRefused if there are any of another one's
 */
export function keepSnapshotter({ log, options }: Daemon): void {
  const before = log.readable(DAEMON_STREAM)?.context as DaemonContext | undefined;
  const { snapshotter = DEFAULT_SNAPSHOTTER } = before ?? {};
  if (before === undefined || before.starts === 0 || snapshotter === options.snapshotter) return;
  const images = openImageQueries(log.reader).list().length;
  const containers = openContainerQueries(log.reader).list().length;
  if (images + containers === 0) return;
  throw new StartRefused(
    `${options.dataRoot} holds ${images} images and ${containers} containers on the snapshotter ` +
      `${snapshotter}: start with it, or with another data root`,
  );
}

/** Leases that publishing asked for before, and not done yet, will still need. */
export function leasesInUse({ log }: Daemon): ReadonlySet<string> {
  const open = log.agenda().filter(({ type }) => type === 'image.publish');
  return new Set(
    open.map(({ params }) => String(Reflect.get(params === null ? {} : Object(params), 'lease'))),
  );
}
