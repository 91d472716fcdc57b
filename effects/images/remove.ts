/**
 * The effect `image.remove`: the image's records go, and with them all content and snapshots that
 * no other image, container or lease refers to.
 */
import type { Containerd } from '../containerd/client.ts';
import { toEffectFailure } from '../containerd/errors.ts';
import type { CallOptions } from '../containerd/types.ts';
import type { Handler } from '../handler.ts';
import { deleteRecords } from './records.ts';

export type KeepRoots = (image: string, options: CallOptions) => Promise<void>;

/** @param keepRoots of containers that need the image still */
export function makeRemoveHandler(
  client: Containerd,
  keepRoots: KeepRoots,
): Handler<'image.remove'> {
  return {
    // The collector takes time in proportion to all that there is.
    deadlineMs: 120_000,
    lane: 'serial',
    class: 'end',
    tries: 5,
    undo: { none: 'what the collector took can only be loaded again' },
    async do({ params, signal }) {
      try {
        await keepRoots(params.id, { signal });
        await deleteRecords(client, params.id, { signal });
      } catch (error) {
        throw toEffectFailure(error);
      }
      return {};
    },
  };
}
