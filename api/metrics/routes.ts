/** `GET /metrics`, on the daemon's sockets as on the address of `--metrics-addr`. */
import type { Handler } from '../request.ts';
import type { Route } from '../router.ts';

const metrics: Handler = async ({ ports }) => {
  const { contentType, text } = await ports.metrics.render();
  return { kind: 'text', status: 200, text, headers: { 'Content-Type': contentType } };
};

export const metricsRoutes: readonly Route[] = [
  { method: 'GET', path: '/metrics', handler: metrics, unversioned: true },
];
