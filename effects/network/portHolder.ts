/**
 * Holds a published port of the host: no other program can listen on it, and one that does already
 * is found. Rules take connections away before they get here, so what does arrive is what the
 * kernel can not redirect ([::1], a container without an address of that family) or what no rule
 * was made for (the firewall is the administrator's): that is forwarded to the container.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { EffectFailure } from '../failure.ts';
import { after, type Cancel } from '../system/clock.ts';
import { codeOf } from '../system/libc.ts';
import type { HostRules, PortPlan } from './ports.ts';

/** Where it leads. */
export interface Target {
  readonly address: string;
  readonly port: number;
}

export interface PortHolder {
  target: Target;
  close(): Promise<void>;
}

/** A client that sent nothing for so long is forgotten. */
const UDP_IDLE_MS = 90_000;
const UDP_CLIENTS = 1_024;

/**
 * Undefined where there is nothing to hold: SCTP, or a host without IPv6. @throws EffectFailure
 * `failed` in docker's words when the port can not be had
 */
export async function holdPort(
  port: PortPlan,
  target: Target,
  { proxy }: Pick<HostRules, 'proxy'> = { proxy: true },
): Promise<PortHolder | undefined> {
  if (port.protocol === 'sctp') return undefined;
  try {
    return await (port.protocol === 'tcp' ? holdTcp : holdUdp)(port, target, proxy);
  } catch (error) {
    if (codeOf(error) === 'EAFNOSUPPORT') return undefined;
    // Addresses of IPv6 are there only where the kernel has it.
    if (port.hostIp === '::' && codeOf(error) === 'EADDRNOTAVAIL') return undefined;
    throw new EffectFailure('failed', refusal(port, error));
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};

function refusal({ protocol, hostIp, hostPort }: PortPlan, error: unknown): string {
  const host = hostIp.includes(':') ? `[${hostIp}]` : hostIp || '0.0.0.0';
  const reason = REASONS[codeOf(error) ?? ''] ?? String(error);
  return `failed to bind host port ${host}:${hostPort}/${protocol}: ${reason}`;
}

/** @param proxy false: it only holds the port, and forwards nothing */
async function holdTcp(
  { hostIp, hostPort }: PortPlan,
  target: Target,
  proxy: boolean,
): Promise<PortHolder> {
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (!proxy) {
      client.destroy();
      return;
    }
    const { address: host, port } = holder.target;
    const behind = connect({ host, port, allowHalfOpen: true, noDelay: true });
    for (const [socket, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      open.add(socket);
      // An end that broke is told to the other end by breaking it, too.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        if (!socket.readableEnded) other.destroy();
      });
      socket.pipe(other);
    }
  });
  const holder: PortHolder = {
    target,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const host = hostIp === '' ? '0.0.0.0' : hostIp;
    server.listen({ host, port: hostPort, exclusive: true, ipv6Only: true }, () => {
      server.off('error', reject);
      // One that can not be accepted (too many open files) is the client's trouble alone.
      server.on('error', (error) => process.emitWarning(`port ${hostPort}: ${error.message}`));
      resolve();
    });
  });
  return holder;
}

/** What one client sends goes through a socket of its own, so that answers find their way. */
interface UdpClient {
  readonly behind: UdpSocket;
  idle: Cancel;
}

async function holdUdp(
  { hostIp, hostPort }: PortPlan,
  target: Target,
  proxy: boolean,
): Promise<PortHolder> {
  const isIpv6 = hostIp.includes(':');
  const server = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6 });
  const clients = new Map<string, UdpClient>();
  const forget = (name: string): void => {
    const client = clients.get(name);
    if (!clients.delete(name) || client === undefined) return;
    client.idle();
    client.behind.close();
  };
  const clientOf = (from: RemoteInfo): UdpClient => {
    const name = `${from.address} ${from.port}`;
    const idle = after(UDP_IDLE_MS, () => forget(name), { unref: true });
    const known = clients.get(name);
    if (known !== undefined) {
      known.idle();
      known.idle = idle;
      return known;
    }
    const [oldest] = clients.keys();
    if (clients.size >= UDP_CLIENTS && oldest !== undefined) forget(oldest);
    const behind = createSocket(holder.target.address.includes(':') ? 'udp6' : 'udp4').unref();
    behind.on('message', (bytes) => server.send(bytes, from.port, from.address));
    behind.on('error', () => forget(name));
    const client = { behind, idle };
    clients.set(name, client);
    return client;
  };
  server.on('message', (bytes, from) => {
    if (!proxy) return;
    const { address, port } = holder.target;
    clientOf(from).behind.send(bytes, port, address);
  });
  const holder: PortHolder = {
    target,
    close: () =>
      new Promise((resolve) => {
        for (const name of [...clients.keys()]) forget(name);
        server.close(() => resolve());
      }),
  };
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const address = hostIp === '' ? '0.0.0.0' : hostIp;
    server.bind({ address, port: hostPort, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', (error) => process.emitWarning(`port ${hostPort}: ${error.message}`));
      resolve();
    });
  });
  return holder;
}
