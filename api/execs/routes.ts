/** Execs: every route, and the handler that serves it. */
import type { Route } from '../router.ts';
import { create, inspect } from './handlers.ts';
import { resize } from './size.ts';
import { start } from './start.ts';

export const execRoutes: readonly Route[] = [
  { method: 'POST', path: '/containers/{id}/exec', handler: create, gate: 'command' },
  {
    method: 'POST',
    path: '/exec/{id}/start',
    handler: start,
    gate: 'command',
    hijack: true,
    bodyFirst: true,
  },
  { method: 'POST', path: '/exec/{id}/resize', handler: resize, gate: 'look' },
  { method: 'GET', path: '/exec/{id}/json', handler: inspect, gate: 'look' },
];
