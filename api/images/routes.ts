/** Images: every route, and the handler that serves it. Names may hold slashes. */
import { type Handler, json } from '../request.ts';
import type { Route } from '../router.ts';
import { create } from './create.ts';
import { history } from './history.ts';
import { listImages } from './list.ts';
import { load } from './load.ts';
import { image } from './lookup.ts';
import { prune } from './prune.ts';
import { remove } from './remove.ts';
import { save } from './save.ts';
import { tag } from './tag.ts';
import { inspectedImage, manifestsOf } from './wire.ts';

const inspect: Handler = ({ ports }, request) => {
  const found = image(ports, request.params['name'] ?? '');
  const users = ports.containers.list().filter(({ imageId }) => imageId === found.id);
  return json({
    ...inspectedImage(found, ports.daemon.info().snapshotter, request.version),
    ...manifestsOf(
      found,
      users.map(({ id }) => id),
      request,
      '1.48',
    ),
  });
};

export const imageRoutes: readonly Route[] = [
  { method: 'GET', path: '/images/json', handler: listImages },
  { method: 'POST', path: '/images/load', handler: load, gate: 'command' },
  { method: 'POST', path: '/images/create', handler: create, gate: 'command' },
  { method: 'POST', path: '/images/prune', handler: prune, gate: 'command' },
  { method: 'GET', path: '/images/get', handler: save, gate: 'command' },
  { method: 'GET', path: '/images/{name:.+}/get', handler: save, gate: 'command' },
  { method: 'GET', path: '/images/{name:.+}/json', handler: inspect },
  { method: 'GET', path: '/images/{name:.+}/history', handler: history },
  { method: 'POST', path: '/images/{name:.+}/tag', handler: tag, gate: 'command' },
  { method: 'DELETE', path: '/images/{name:.+}', handler: remove, gate: 'command' },
];
