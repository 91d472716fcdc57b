/** Networks: every route, and the handler that serves it. */
import type { Route } from '../router.ts';
import { connectNetwork, disconnectNetwork } from './connect.ts';
import { createNetwork } from './create.ts';
import { inspectNetwork, listNetworks } from './list.ts';
import { pruneNetworks, removeNetwork } from './remove.ts';

export const networkRoutes: readonly Route[] = [
  { method: 'GET', path: '/networks', handler: listNetworks },
  { method: 'POST', path: '/networks/create', handler: createNetwork, gate: 'command' },
  { method: 'POST', path: '/networks/prune', handler: pruneNetworks, gate: 'command' },
  { method: 'GET', path: '/networks/{id}', handler: inspectNetwork },
  { method: 'DELETE', path: '/networks/{id}', handler: removeNetwork, gate: 'command' },
  { method: 'POST', path: '/networks/{id}/connect', handler: connectNetwork, gate: 'command' },
  {
    method: 'POST',
    path: '/networks/{id}/disconnect',
    handler: disconnectNetwork,
    gate: 'command',
  },
];
