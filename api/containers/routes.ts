/** Containers: every route, and the handler that serves it. */
import type { Route } from '../router.ts';
import { changes, exportRoot, getArchive, putArchive, statArchive } from './archive.ts';
import { attach } from './attach.ts';
import { attachSocket } from './attachSocket.ts';
import { commit } from './commit.ts';
import {
  create,
  kill,
  pause,
  remove,
  rename,
  resize,
  restart,
  start,
  stop,
  unpause,
} from './handlers.ts';
import { inspect } from './inspect.ts';
import { list } from './list.ts';
import { logs } from './logs.ts';
import { prune } from './prune.ts';
import { stats } from './stats.ts';
import { top } from './top.ts';
import { update } from './update.ts';
import { wait } from './wait.ts';

export const containerRoutes: readonly Route[] = [
  { method: 'GET', path: '/containers/json', handler: list, gate: 'look' },
  { method: 'POST', path: '/containers/create', handler: create, gate: 'command' },
  { method: 'POST', path: '/containers/prune', handler: prune, gate: 'command' },
  { method: 'GET', path: '/containers/{id}/json', handler: inspect, gate: 'look' },
  { method: 'GET', path: '/containers/{id}/logs', handler: logs, gate: 'look' },
  { method: 'HEAD', path: '/containers/{id}/archive', handler: statArchive, gate: 'command' },
  { method: 'GET', path: '/containers/{id}/archive', handler: getArchive, gate: 'command' },
  { method: 'PUT', path: '/containers/{id}/archive', handler: putArchive, gate: 'command' },
  { method: 'GET', path: '/containers/{id}/changes', handler: changes, gate: 'command' },
  { method: 'POST', path: '/commit', handler: commit, gate: 'command' },
  { method: 'GET', path: '/containers/{id}/export', handler: exportRoot, gate: 'command' },
  { method: 'GET', path: '/containers/{id}/top', handler: top, gate: 'look' },
  { method: 'GET', path: '/containers/{id}/stats', handler: stats, gate: 'look' },
  { method: 'POST', path: '/containers/{id}/attach', handler: attach, gate: 'look', hijack: true },
  {
    method: 'GET',
    path: '/containers/{id}/attach/ws',
    handler: attachSocket,
    gate: 'look',
    hijack: true,
    jsonErrors: true,
  },
  { method: 'POST', path: '/containers/{id}/wait', handler: wait, gate: 'look' },
  { method: 'POST', path: '/containers/{id}/start', handler: start, gate: 'command' },
  { method: 'POST', path: '/containers/{id}/stop', handler: stop, gate: 'command' },
  { method: 'POST', path: '/containers/{id}/restart', handler: restart, gate: 'command' },
  { method: 'POST', path: '/containers/{id}/kill', handler: kill, gate: 'command' },
  { method: 'POST', path: '/containers/{id}/pause', handler: pause, gate: 'command' },
  { method: 'POST', path: '/containers/{id}/unpause', handler: unpause, gate: 'command' },
  { method: 'POST', path: '/containers/{id}/rename', handler: rename, gate: 'command' },
  { method: 'POST', path: '/containers/{id}/update', handler: update, gate: 'command' },
  { method: 'POST', path: '/containers/{id}/resize', handler: resize, gate: 'look' },
  { method: 'DELETE', path: '/containers/{id}', handler: remove, gate: 'command' },
];
