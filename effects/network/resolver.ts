/** Serves the two sockets of 127.0.0.11 in one container's namespace. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import type { NamespaceSockets } from '../system/namespaces.ts';
import { failed, type Verdict } from './dnsAnswer.ts';
import { forward, framed } from './dnsForward.ts';

export interface ResolverOptions {
  /** What is known here of a query. */
  readonly verdict: (query: Buffer, transport: 'udp' | 'tcp') => Verdict;
  /** Servers outside, as they are now. */
  readonly servers: () => readonly string[];
  readonly warn: (error: Error) => void;
}

/** Queries under way outside, for one container; more are refused. */
const UNDER_WAY = 1_024;
const CONNECTIONS = 128;
const PATIENCE_MS = 2_000;
const IDLE_MS = 10_000;

export class Resolver {
  readonly #options: ResolverOptions;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #connections = new Set<Socket>();
  #underWay = 0;
  #closed = false;

  constructor(options: ResolverOptions, sockets: NamespaceSockets) {
    this.#options = options;
    this.#udp = createSocket('udp4');
    this.#udp.on('error', options.warn);
    this.#udp.on('message', (query, { address, port }) => {
      void this.#answer(query, 'udp').then((bytes) => {
        // The client may be gone, and the container with it.
        if (bytes !== undefined && !this.#closed) this.#udp.send(bytes, port, address);
      }, options.warn);
    });
    this.#udp.bind({ fd: sockets.udp, exclusive: true });
    this.#udp.unref();
    this.#tcp = createServer((socket) => this.#connected(socket));
    this.#tcp.maxConnections = CONNECTIONS;
    this.#tcp.on('error', options.warn);
    this.#tcp.listen({ fd: sockets.tcp });
    this.#tcp.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of this.#connections) socket.destroy();
    this.#udp.close();
    this.#tcp.close();
  }

  async #answer(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    const verdict = this.#options.verdict(query, transport);
    if (verdict.kind === 'silence') return undefined;
    if (verdict.kind === 'answer') return verdict.bytes;
    if (this.#underWay >= UNDER_WAY) return failed(query);
    this.#underWay += 1;
    try {
      const servers = this.#options.servers();
      const found = await forward(query, { servers, transport, patienceMs: PATIENCE_MS });
      return found ?? failed(query);
    } finally {
      this.#underWay -= 1;
    }
  }

  #connected(socket: Socket): void {
    let heard = Buffer.alloc(0);
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      for (;;) {
        const length = heard.length < 2 ? Number.POSITIVE_INFINITY : heard.readUInt16BE();
        if (heard.length < length + 2) return;
        const query = heard.subarray(2, length + 2);
        heard = heard.subarray(length + 2);
        void this.#answer(query, 'tcp').then((bytes) => {
          if (bytes === undefined) socket.destroy();
          else if (!socket.destroyed) socket.write(framed(bytes));
        }, this.#options.warn);
      }
    });
  }
}
