/** Volumes: every route, and the handler that serves it. */
import type { Route } from '../router.ts';
import {
  createVolume,
  inspectVolume,
  listVolumes,
  pruneVolumes,
  removeVolume,
} from './handlers.ts';

export const volumeRoutes: readonly Route[] = [
  { method: 'GET', path: '/volumes', handler: listVolumes },
  { method: 'POST', path: '/volumes/create', handler: createVolume, gate: 'command' },
  { method: 'GET', path: '/volumes/{name}', handler: inspectVolume },
  { method: 'DELETE', path: '/volumes/{name}', handler: removeVolume, gate: 'command' },
  { method: 'POST', path: '/volumes/prune', handler: pruneVolumes, gate: 'command' },
];
