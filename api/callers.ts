/** Who is at the other end of a connection, as far as it can be learned. Nothing is guessed. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Caller } from '../machines/words.ts';
import type { ApiPorts, RequestInfo } from './ports.ts';

/**
 * The connection's file descriptor. Node keeps it on an inner handle that its types do not name.
 */
export function descriptor(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  const fd: unknown = Reflect.get(handle, 'fd');
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}

type Peer = ReturnType<ApiPorts['peer']>;

/** Remembers a connection's peer: it is asked for once, since keep-alive reuses connections. */
export function createCallers(ports: ApiPorts): (request: IncomingMessage) => RequestInfo {
  const peers = new WeakMap<Socket, { readonly peer: Peer }>();

  function peerOf(socket: Socket): Peer {
    const known = peers.get(socket);
    if (known !== undefined) return known.peer;
    const fd = descriptor(socket);
    const peer = fd === undefined ? undefined : ports.peer(fd);
    peers.set(socket, { peer });
    return peer;
  }

  function callerOf(request: IncomingMessage): Caller {
    const userAgent = request.headers['user-agent'];
    const named = userAgent === undefined ? {} : { userAgent };
    if (request.socket.remoteAddress !== undefined) return { kind: 'tcp', ...named };
    const peer = peerOf(request.socket);
    return { kind: 'unix', ...named, ...(peer ?? {}) };
  }

  return (request) => ({ id: ports.ambient.randomHex(8), caller: callerOf(request) });
}
