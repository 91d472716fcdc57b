/** `/_ping`, `/healthz`, `/readyz`: is somebody there, does it live, may work be given. */
import { apiError } from '../errors.ts';
import type { Handler } from '../request.ts';

const TEXT = 'text/plain; charset=utf-8';

/**
 * Clients read the versions from the headers; `Builder-Version: 1` says that there is no BuildKit.
 */
export const ping: Handler = (_context, request) => ({
  kind: 'text',
  status: 200,
  text: request.method === 'HEAD' ? '' : 'OK',
  headers: {
    'Content-Type': TEXT,
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
    'Builder-Version': '1',
    Swarm: 'inactive',
  },
});

/** It turns its loop and answers; whether it can do anything is `/readyz`' question. */
export const healthy: Handler = () => ({
  kind: 'text',
  status: 200,
  text: 'ok',
  headers: { 'Content-Type': TEXT },
});

export const ready: Handler = ({ ports }) => {
  if (!ports.daemon.ready()) throw apiError('not-ready', {});
  return { kind: 'text', status: 200, text: 'ok', headers: { 'Content-Type': TEXT } };
};
