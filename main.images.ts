/** The images of the facade, plugged into the stager, the content store and the image actors. */
import { passCommand } from './actors/gate.ts';
import { createImageStore } from './api/images/store.ts';
import type { ImageStore } from './api/ports.ts';
import { imageFamily } from './machines/image.family.ts';
import { type Daemon, record, worldOf } from './main.daemon.ts';

/** Longer than the deadline of any effect of an image. */
const IMAGE_MS = 150_000;

const rules = { family: imageFamily, needsRuntime: () => true, deadlineMs: () => IMAGE_MS };

export function imageStore({ gate, condition, system }: Daemon): ImageStore {
  return createImageStore({
    stage: (archive, signal) => worldOf(condition).stager.stage(archive, signal),
    stageTar: (tar, asked, signal) => worldOf(condition).stager.stageTar(tar, asked, signal),
    discard: (lease) => worldOf(condition).stager.discard(lease),
    read: (images, signal) => worldOf(condition).saveImages(images, signal),
    submit: (command, request) => passCommand(gate, rules, command, request),
    pruned: async (reclaimed) => {
      await record(system, { type: 'daemon.pruned', data: { what: 'image', reclaimed } });
    },
  });
}

/** Leases that publishing asked for before, and not done yet, will still need. */
export function leasesInUse({ log }: Daemon): ReadonlySet<string> {
  const open = log.agenda().filter(({ type }) => type === 'image.publish');
  return new Set(
    open.map(({ params }) => String(Reflect.get(params === null ? {} : Object(params), 'lease'))),
  );
}
