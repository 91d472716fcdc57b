/**
 * The life of a request, each step with the way it can end early:
 *
 *   socket ─► route            404 `page not found`, without the API's headers; OPTIONS: 200
 *          ─► version          400 too old, too new
 *          ─► gate             a command waits for the first reconcile: 503 after 30 s
 *          ─► handler          parse (400), look up (404), submit (refusal) or read
 *          ─► reply            JSON, nothing, a stream, or the connection itself (api/hijack.ts)
 *          ─► record           one line for each request that is more than a look, and for each 5xx
 *
 * Whatever is thrown on the way is one error reply; after the head is out, the connection is cut.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { bodyFirst } from './bodyFirst.ts';
import { createCallers } from './callers.ts';
import { apiError, asApiError } from './errors.ts';
import { adopt, hijack, hijackEmpty, hijackError, takeOver } from './hijack.ts';
import { type Malformed, malformed } from './malformed.ts';
import type { ApiOptions } from './options.ts';
import type { RequestInfo } from './ports.ts';
import { type Recorder, recorder } from './record.ts';
import { send, sendError } from './reply.ts';
import type { ApiContext, ApiRequest, Reply } from './request.ts';
import type { Match, Router } from './router.ts';
import { checkVersion } from './versions.ts';

/** How long a look waits for the first reconcile, and how long a command does; milliseconds. */
const LOOK_WAIT_MS = 5_000;
const COMMAND_WAIT_MS = 30_000;

export interface Dispatcher {
  connection(socket: Socket): void;
  readonly malformed: Malformed;
  /** Of a `CONNECT`: nobody is led anywhere from here. */
  connect(socket: Socket): void;
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
  /** Whether a request with `Upgrade` is for a route that hijacks; others are served as HTTP. */
  upgrades(request: IncomingMessage): boolean;
}

interface Located {
  readonly match: Match | undefined;
  readonly url: URL;
}

function locate(router: Router, request: IncomingMessage): Located {
  const target = request.url ?? '/';
  const url = URL.parse(`http://engine${target.startsWith('/') ? target : `/${target}`}`);
  if (url === null) return { match: undefined, url: new URL('http://engine/') };
  return { match: router.match(request.method ?? 'GET', url.pathname), url };
}

async function pass(context: ApiContext, match: Match): Promise<void> {
  const { daemon } = context.ports;
  if (match.route.gate === undefined || daemon.ready()) return;
  const command = match.route.gate === 'command';
  const ready = await daemon.whenReady(command ? COMMAND_WAIT_MS : LOOK_WAIT_MS);
  if (!ready && command) throw apiError('not-ready', {});
}

/** Version, gate and handler: a reply, or an ApiError thrown. */
async function answer(context: ApiContext, exchange: Exchange, body: Readable): Promise<Reply> {
  const { request, info, gone } = exchange;
  const { match, url } = exchange.located;
  if (match === undefined) throw apiError('page-not-found', {});
  const version = checkVersion(match.version);
  await pass(context, match);
  const asked: ApiRequest = {
    method: match.route.method,
    path: url.pathname,
    params: match.params,
    query: url.searchParams,
    version,
    headers: request.headers,
    body,
    info,
    signal: gone.signal,
  };
  return await match.route.handler(context, asked);
}

/** A request under way: who asked, since when, and whether the client is still there. */
interface Exchange {
  readonly located: Located;
  readonly request: IncomingMessage;
  readonly info: RequestInfo;
  readonly gone: AbortController;
  readonly done: Recorder;
}

async function overHttp(
  context: ApiContext,
  exchange: Exchange,
  response: ServerResponse,
): Promise<void> {
  const { located, gone, done } = exchange;
  // After a whole answer nobody has to be told, and an abort makes an error with its stack.
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  if (located.match !== undefined)
    for (const header of Object.entries(context.headers)) response.setHeader(...header);
  // By it a caller finds what its request led to in the log.
  response.setHeader('Shiplog-Request', exchange.info.id);
  try {
    const reply = await answer(context, exchange, exchange.request);
    if (reply.kind === 'hijack') throw new Error('a hijacked reply on a route that says nothing');
    await send(response, reply, gone.signal);
    const left = gone.signal.aborted && !response.writableFinished;
    done(reply.status, left ? 'client-gone' : 'ok');
  } catch (thrown) {
    const error = asApiError(thrown);
    if (response.headersSent) response.destroy();
    else sendError(response, error, located.match?.version);
    done(error.status, error.kind, error);
  }
}

async function overRaw(context: ApiContext, exchange: Exchange, socket: Socket): Promise<void> {
  const { request, gone, done, located } = exchange;
  const first = located.match?.route.bodyFirst === true;
  socket.once('close', () => gone.abort());
  try {
    // dockerode sends a body to attach, too: it is nobody's input.
    const sent = first || Number(request.headers['content-length'] ?? '0') > 0;
    const body = sent ? await bodyFirst(request, socket, gone.signal) : request;
    const reply = await answer(context, exchange, body);
    if (reply.kind === 'empty' && first) {
      done(reply.status, 'ok');
      return await hijackEmpty(socket, reply.status, context);
    }
    if (reply.kind !== 'hijack') throw new Error('a route that hijacks gave an HTTP reply');
    await hijack(request, socket, reply, context);
    done(request.headers.upgrade === undefined ? 200 : 101, 'hijacked');
  } catch (thrown) {
    const error = asApiError(thrown);
    const asJson = first || located.match?.route.jsonErrors === true;
    await hijackError(socket, error, context, asJson);
    done(error.status, error.kind, error);
  }
}

export function createDispatcher(
  context: ApiContext,
  router: Router,
  log: ApiOptions['log'],
): Dispatcher {
  const infoOf = createCallers(context.ports);

  function exchange(request: IncomingMessage, located: Located): Exchange {
    const info = infoOf(request);
    const done = recorder(context.ports.ambient, log, request, info);
    return { located, request, info, gone: new AbortController(), done };
  }

  return {
    connection: (socket) => context.ports.closeWhenGone(socket),
    malformed: malformed(context),
    connect(socket) {
      socket.on('error', () => socket.destroy());
      void hijackError(socket, apiError('page-not-found', {}), context, true);
    },
    request(request, response) {
      const located = locate(router, request);
      if (request.method === 'OPTIONS') {
        response.writeHead(200, { 'Content-Length': 0 }).end();
      } else if (located.match?.route.hijack === true) {
        takeOver(request);
        void overRaw(context, exchange(request, located), request.socket);
      } else void overHttp(context, exchange(request, located), response);
    },
    upgrade(request, socket, head) {
      adopt(socket, head);
      void overRaw(context, exchange(request, locate(router, request)), socket);
    },
    upgrades: (request) => locate(router, request).match?.route.hijack === true,
  };
}
