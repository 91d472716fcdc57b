/**
 * The effects `image.tag` and `image.untag`: one record of containerd follows the log. What the
 * image's tags say when the effect is carried out counts, not what they said when it was asked for:
 * the reference may have moved on since, and then its record is another image's.
 */
import type { Containerd } from '../containerd/client.ts';
import { toEffectFailure } from '../containerd/errors.ts';
import type { Handler } from '../handler.ts';
import { deleteRecord, ensureRecord, recordOf } from './records.ts';

const row = { deadlineMs: 30_000, lane: 'serial', tries: 5 } as const;

export function makeTagHandler(client: Containerd): Handler<'image.tag'> {
  return {
    ...row,
    class: 'begin',
    undo: 'image.untag',
    async do({ params, subject, signal }) {
      if (!subject.tags.includes(params.reference)) return {};
      try {
        await ensureRecord(client, recordOf(subject, params.reference), { signal });
      } catch (error) {
        throw toEffectFailure(error);
      }
      return {};
    },
  };
}

export function makeUntagHandler(client: Containerd): Handler<'image.untag'> {
  return {
    ...row,
    class: 'end',
    undo: 'image.tag',
    async do({ params, subject, signal }) {
      if (subject.tags.includes(params.reference)) return {};
      try {
        await deleteRecord(client, subject, params.reference, { signal });
      } catch (error) {
        throw toEffectFailure(error);
      }
      return {};
    },
  };
}
