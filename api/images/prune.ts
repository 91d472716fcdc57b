/**
 * `POST /images/prune`: removes what no container uses; only images without a name, unless
 * `dangling=false`. One that a container is made of meanwhile is left alone.
 */
import type { ImageView } from '../../projections/views.ts';
import { ApiError } from '../errors.ts';
import { type Filters, filters, truth, until } from '../filters.ts';
import type { ImageDeleted, ImagesPruned } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { textMap } from './config.ts';
import { sizeOfAll } from './layers.ts';
import { removeImage } from './remove.ts';
import { createdNs } from './wire.ts';

const KEYS = 'dangling label label! until'.split(' ');

function chosen(given: Filters, ports: ApiPorts): (found: ImageView) => boolean {
  const dangling = truth(given, 'dangling') ?? true;
  const nowNs = ports.ambient.nowNs();
  const end = until(given, nowNs);
  const used = new Set(ports.containers.list().map(({ imageId }) => imageId));
  return (found) => {
    const labels = textMap(found.config['Labels']);
    return (
      !used.has(found.id) &&
      (!dangling || found.tags.length === 0) &&
      (end === undefined || createdNs(found) < end) &&
      given.labels('label', labels) &&
      given.withoutLabels('label!', labels)
    );
  };
}

export const prune: Handler = async ({ ports }, request) => {
  const fits = chosen(filters(request.query, KEYS), ports);
  const before = sizeOfAll(ports.images.list());
  const deleted: ImageDeleted[] = [];
  for (const { id, tags } of ports.images.list().filter(fits)) {
    const references = tags.length === 0 ? null : tags;
    const command = { type: 'remove-image', id, references, given: id, force: false } as const;
    const removed = await removeImage(ports, command, request.info);
    if (!(removed instanceof ApiError)) deleted.push(...removed);
  }
  const reclaimed = Math.max(0, before - sizeOfAll(ports.images.list()));
  await ports.imageStore.pruned(reclaimed);
  const body: ImagesPruned = {
    ImagesDeleted: deleted.length === 0 ? null : deleted,
    SpaceReclaimed: reclaimed,
  };
  return json(body);
};
