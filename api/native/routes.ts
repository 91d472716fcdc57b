/** shiplog's own API, beside the Engine's: what Docker's clients have no question for. */
import type { Route } from '../router.ts';
import { container } from './container.ts';
import { containers } from './containers.ts';
import { backup, exportLog } from './copies.ts';
import { create } from './create.ts';
import { events } from './events.ts';
import { labels } from './labels.ts';
import { rebuild } from './rebuild.ts';
import { reconcile } from './reconcile.ts';
import { reload } from './reload.ts';
import { status } from './status.ts';
import { verify } from './verify.ts';
import { whyHandler } from './why.ts';

const BASE = '/shiplog/v1';

export const nativeRoutes: readonly Route[] = [
  { method: 'GET', path: `${BASE}/status`, handler: status, unversioned: true },
  { method: 'GET', path: `${BASE}/backup`, handler: backup, unversioned: true },
  { method: 'GET', path: `${BASE}/export`, handler: exportLog, unversioned: true },
  { method: 'GET', path: `${BASE}/verify`, handler: verify, unversioned: true },
  { method: 'GET', path: `${BASE}/events`, handler: events, unversioned: true },
  {
    method: 'POST',
    path: `${BASE}/reconcile`,
    handler: reconcile,
    gate: 'command',
    unversioned: true,
  },
  { method: 'POST', path: `${BASE}/rebuild`, handler: rebuild, unversioned: true },
  { method: 'POST', path: `${BASE}/reload`, handler: reload, unversioned: true },
  {
    method: 'GET',
    path: `${BASE}/containers`,
    handler: containers,
    gate: 'look',
    unversioned: true,
  },
  {
    method: 'POST',
    path: `${BASE}/containers`,
    handler: create,
    gate: 'command',
    unversioned: true,
  },
  {
    method: 'GET',
    path: `${BASE}/containers/{id}/why`,
    handler: whyHandler,
    gate: 'look',
    unversioned: true,
  },
  {
    method: 'PATCH',
    path: `${BASE}/containers/{id}/labels`,
    handler: labels,
    gate: 'command',
    unversioned: true,
  },
  {
    method: 'GET',
    path: `${BASE}/containers/{id}`,
    handler: container,
    gate: 'look',
    unversioned: true,
  },
];
