/** `GET /images/{name}/history`: how an image was made, newest step first. */
import { familiar } from '../../machines/reference.ts';
import type { ImageView } from '../../projections/views.ts';
import type { ImageHistoryItem } from '../openapi.gen.ts';
import { type Handler, json } from '../request.ts';
import { image } from './lookup.ts';
import { secondsOf } from './wire.ts';

/** Steps that made no layer have no size. Only the newest is an image that one can name. */
function historyOf(found: ImageView): ImageHistoryItem[] {
  const sizes = [...(found.layerSizes ?? [])];
  const steps = (found.history ?? []).map((step) => ({
    Id: '<missing>',
    Created: secondsOf(step.created),
    CreatedBy: step.createdBy,
    Tags: null,
    Size: step.empty ? 0 : (sizes.shift() ?? 0),
    Comment: step.comment,
  }));
  const newestFirst = steps.toReversed();
  const [newest, ...older] = newestFirst;
  if (newest === undefined) return [];
  const Tags = found.tags.length === 0 ? null : found.tags.map(familiar);
  return [{ ...newest, Id: found.id, Tags }, ...older];
}

export const history: Handler = ({ ports }, request) =>
  json(historyOf(image(ports, request.params['name'] ?? '')));
