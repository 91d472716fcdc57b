/** Images: every route, and the handler that serves it. Names may hold slashes. */
import { apiError } from '../errors.ts';
import { type Handler, json } from '../request.ts';
import type { Route } from '../router.ts';
import { listImages } from './list.ts';
import { load } from './load.ts';
import { image } from './lookup.ts';
import { inspectedImage } from './wire.ts';

const inspect: Handler = ({ ports }, request) => {
  const found = image(ports, request.params['name'] ?? '');
  return json(inspectedImage(found, ports.daemon.info().snapshotter, request.version));
};

const pull: Handler = (_context, request) => {
  const source = request.query.get('fromSrc') ?? '';
  throw apiError('unsupported', {
    what: source === '' ? 'pulling images (use docker load)' : 'importing images',
  });
};

export const imageRoutes: readonly Route[] = [
  { method: 'GET', path: '/images/json', handler: listImages },
  { method: 'POST', path: '/images/load', handler: load, gate: 'command' },
  { method: 'POST', path: '/images/create', handler: pull },
  { method: 'GET', path: '/images/{name:.+}/json', handler: inspect },
];
