/** One line of the daemon's log for each request that is more than a look, and for each 5xx. */
import type { IncomingMessage } from 'node:http';
import type { ApiError } from './errors.ts';
import type { ApiOptions, RequestRecord } from './options.ts';
import type { Ambient, RequestInfo } from './ports.ts';

/** Says how a request ended. @param outcome `ok`, `hijacked`, `client-gone` or the error's kind. */
export type Recorder = (status: number, outcome: string, error?: ApiError) => void;

/** Starts the request's time. */
export function recorder(
  ambient: Ambient,
  log: ApiOptions['log'],
  request: IncomingMessage,
  info: RequestInfo,
): Recorder {
  const startedNs = ambient.nowNs();
  const look = request.method === 'GET' || request.method === 'HEAD';
  const { uid, userAgent } = info.caller;
  return (status, outcome, error) => {
    if (log === undefined || (look && status < 500)) return;
    const line: RequestRecord = {
      request: info.id,
      method: request.method ?? '',
      path: request.url ?? '',
      status,
      durationMs: Number(ambient.nowNs() - startedNs) / 1e6,
      outcome,
      ...(error === undefined ? {} : { error: error.message }),
      ...(uid === undefined ? {} : { uid }),
      ...(userAgent === undefined ? {} : { userAgent }),
    };
    log(line);
  };
}
