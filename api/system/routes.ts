/** The daemon itself, and the short truthful answers about what shiplog does not have. */
import { readFileSync } from 'node:fs';
import { type Handler, json } from '../request.ts';
import type { Route } from '../router.ts';
import { pruneBuildCache } from './buildCache.ts';
import { diskUsage } from './diskUsage.ts';
import { events } from './events.ts';
import { info } from './info.ts';
import { healthy, ping, ready } from './ping.ts';
import { version } from './version.ts';

const file =
  (name: string, type: string): Handler =>
  () => ({
    kind: 'text',
    status: 200,
    text: readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'),
    headers: { 'Content-Type': type },
  });
const document = file('openapi.yaml', 'application/yaml');
const page = file('openapi.gen.html', 'text/html; charset=utf-8');

const noPlugins: Handler = () => json([]);

export const systemRoutes: readonly Route[] = [
  { method: 'GET', path: '/_ping', handler: ping },
  { method: 'HEAD', path: '/_ping', handler: ping },
  { method: 'GET', path: '/healthz', handler: healthy, unversioned: true },
  { method: 'GET', path: '/readyz', handler: ready, unversioned: true },
  { method: 'GET', path: '/openapi.yaml', handler: document, unversioned: true },
  { method: 'GET', path: '/openapi.html', handler: page, unversioned: true },
  { method: 'GET', path: '/version', handler: version },
  { method: 'GET', path: '/info', handler: info, gate: 'look' },
  { method: 'GET', path: '/events', handler: events },
  { method: 'GET', path: '/system/df', handler: diskUsage },
  { method: 'POST', path: '/build/prune', handler: pruneBuildCache },
  { method: 'GET', path: '/plugins', handler: noPlugins },
];
