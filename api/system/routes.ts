/** The daemon itself, and the short truthful answers about what shiplog does not have. */
import { readFileSync } from 'node:fs';
import { apiError } from '../errors.ts';
import { type Handler, json } from '../request.ts';
import type { Route } from '../router.ts';
import { diskUsage } from './diskUsage.ts';
import { events } from './events.ts';
import { info } from './info.ts';
import { healthy, ping, ready } from './ping.ts';
import { version } from './version.ts';

const document: Handler = () => ({
  kind: 'text',
  status: 200,
  text: readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8'),
  headers: { 'Content-Type': 'application/yaml' },
});

const noVolumes: Handler = () => json({ Volumes: [], Warnings: null });
const none: Handler = () => json([]);
const noSwarm: Handler = () => {
  throw apiError('no-swarm', {});
};

const SWARM = '/{swarm:swarm|services|nodes|secrets|configs|tasks}';

export const systemRoutes: readonly Route[] = [
  { method: 'GET', path: '/_ping', handler: ping },
  { method: 'HEAD', path: '/_ping', handler: ping },
  { method: 'GET', path: '/healthz', handler: healthy, unversioned: true },
  { method: 'GET', path: '/readyz', handler: ready, unversioned: true },
  { method: 'GET', path: '/openapi.yaml', handler: document, unversioned: true },
  { method: 'GET', path: '/version', handler: version },
  { method: 'GET', path: '/info', handler: info, gate: 'look' },
  { method: 'GET', path: '/events', handler: events },
  { method: 'GET', path: '/system/df', handler: diskUsage },
  { method: 'GET', path: '/volumes', handler: noVolumes },
  { method: 'GET', path: '/networks', handler: none },
  { method: 'GET', path: '/plugins', handler: none },
  { method: 'GET', path: SWARM, handler: noSwarm },
  { method: 'GET', path: `${SWARM}/{id}`, handler: noSwarm },
];
