/**
 * The facade as an HTTP server: the route table of all resources, on as many sockets as asked for.
 *
 * Engine connections are long-lived and mostly silent (wait, events, attach, follow), so no timer
 * of Node's may end a request; idle keep-alive connections are left to the client, because a Go
 * client does not repeat a POST that meets a connection just closed by the server.
 */
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { containerRoutes } from './containers/routes.ts';
import { createDispatcher, type Dispatcher } from './dispatch.ts';
import { execRoutes } from './execs/routes.ts';
import { imageRoutes } from './images/routes.ts';
import { metricsRoutes } from './metrics/routes.ts';
import { nativeRoutes } from './native/routes.ts';
import { networkRoutes } from './networks/routes.ts';
import { notServedRoutes } from './notServed/routes.ts';
import type { ApiOptions } from './options.ts';
import type { ApiPorts } from './ports.ts';
import { standardHeaders } from './reply.ts';
import type { ApiContext } from './request.ts';
import { createRouter, type Route } from './router.ts';
import { systemRoutes } from './system/routes.ts';
import { createTail } from './tail.ts';
import { volumeRoutes } from './volumes/routes.ts';

// An import of the module reads all its members, and one of them loads a whole HTTP client.
const { createServer } = process.getBuiltinModule('node:http');

/** A unix socket by its path, or an address. */
export type Host = { readonly path: string } | { readonly host: string; readonly port: number };

export interface ApiServer {
  /** Resolves with where it listens (the port is known now). Rejects if it cannot. */
  listen(host: Host): Promise<Host>;
  /** Takes no more connections; those there are go on. */
  refuse(): void;
  /** Ends all connections, also those in use, and stops listening. */
  close(): Promise<void>;
}

/** Every route that is served. Static paths stand before those with parts. */
export const servedRoutes: readonly Route[] = [
  ...containerRoutes,
  ...execRoutes,
  ...imageRoutes,
  ...networkRoutes,
  ...nativeRoutes,
  ...systemRoutes,
  ...volumeRoutes,
  ...metricsRoutes,
];

/** And those of the Engine API that answer only why they are not. */
export const routes: readonly Route[] = [...servedRoutes, ...notServedRoutes];

/** What `--metrics-addr` serves: nothing that changes or tells about a container. */
export const watchRoutes: readonly Route[] = routes.filter(({ path }) =>
  ['/metrics', '/healthz', '/readyz'].includes(path),
);

/** Filters travel in the request line and can be long; bytes. */
const HEADER_LIMIT = 128 * 1024;
const KEEP_ALIVE_MS = 15_000;

function httpServer(dispatcher: Dispatcher): Server {
  const server = createServer({
    requestTimeout: 0,
    keepAliveTimeout: 0,
    maxHeaderSize: HEADER_LIMIT,
    noDelay: true,
    // Of a client by TCP whose machine is gone nothing else would tell.
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    shouldUpgradeCallback: (request) => dispatcher.upgrades(request),
  });
  server.timeout = 0;
  // A client may end its direction behind its request and still gets the answer, as `socat` does.
  // Node has this for a long time, and has not given it a type.
  Reflect.set(server, 'httpAllowHalfOpen', true);
  server.on('connection', (socket) => dispatcher.connection(socket));
  server.on('clientError', dispatcher.malformed);
  server.on('connect', (request) => dispatcher.connect(request.socket));
  server.on('request', (request, response) => dispatcher.request(request, response));
  server.on('upgrade', (request, _socket, head) =>
    dispatcher.upgrade(request, request.socket, head),
  );
  return server;
}

async function listening(server: Server, host: Host): Promise<Host> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen('path' in host ? host.path : { host: host.host, port: host.port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null
    ? { host: address.address, port: address.port }
    : host;
}

/** Waiting that ends quietly when it is called off, however the given one ends then. */
function patient(sleep: ApiOptions['sleep']): ApiContext['sleep'] {
  return async (ms, signal) => {
    try {
      await sleep(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
}

/**
 * @param options what the ports do not hold: event names, waiting, the daemon's own log.
 * @param served all of them, or those that may be asked for on these sockets
 */
export function createApi(
  ports: ApiPorts,
  options: ApiOptions,
  served: readonly Route[] = routes,
): ApiServer {
  const tail = createTail(ports.log);
  const context: ApiContext = {
    ports,
    tail,
    dockerEvents: options.dockerEvents,
    sideEvents: options.sideEvents,
    sleep: patient(options.sleep),
    headers: standardHeaders(ports.daemon.info().version),
  };
  const dispatcher = createDispatcher(context, createRouter(served), options.log);
  const servers = new Set<Server>();
  const sockets = new Set<Socket>();

  return {
    async listen(host) {
      const server = httpServer(dispatcher);
      server.on('connection', (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      });
      const where = await listening(server, host);
      servers.add(server);
      return where;
    },
    refuse() {
      for (const server of servers) server.close();
    },
    async close() {
      tail.close();
      const closed = [...servers].map(
        (server) => new Promise<void>((resolve) => server.close(() => resolve())),
      );
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}
