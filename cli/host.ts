/** Where the daemon is: `-H unix:///path`, for clients also `-H tcp://127.0.0.1:PORT`. */
import { isIPv4, isIPv6 } from 'node:net';
import { OptionError } from './optionError.ts';

export type Host =
  | { readonly kind: 'unix'; readonly path: string }
  /** Loopback only. `address` without the brackets of IPv6. */
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number };

/**
 * Throws `OptionError` for what is neither. Who reaches the socket is root on this machine, and
 * there is no TLS: a TCP address that others can reach is refused.
 */
export function parseHost(text: string): Host {
  if (text.startsWith('unix://')) return parseUnix(text, text.slice('unix://'.length));
  if (text.startsWith('tcp://')) return parseTcp(text, text.slice('tcp://'.length));
  throw new OptionError(`invalid host ${quote(text)}: use unix:///PATH or tcp://127.0.0.1:PORT`);
}

/** Where a daemon may listen. Throws `OptionError`, for TCP too: there is no TLS yet. */
export function parseListener(text: string): Host {
  if (text.startsWith('tcp://')) {
    throw new OptionError(
      `host ${quote(text)} is refused: everyone who reaches it is root here, and there is no TLS ` +
        'yet; use unix:///PATH, and a tunnel to it (ssh -L) from elsewhere',
    );
  }
  if (text.startsWith('unix://')) return parseHost(text);
  if (text.startsWith('/')) return parseHost(`unix://${text}`);
  throw new OptionError(`invalid host ${quote(text)}: use unix:///PATH`);
}

/** As `-H` takes it and as DOCKER_HOST wants it. */
export function printHost(host: Host): string {
  if (host.kind === 'unix') return `unix://${host.path}`;
  const address = isIPv6(host.address) ? `[${host.address}]` : host.address;
  return `tcp://${address}:${host.port}`;
}

/** Bytes that `sun_path` of a unix socket address holds, without the final zero. */
const MAX_SOCKET_PATH = 107;

function parseUnix(text: string, path: string): Host {
  if (!path.startsWith('/')) {
    throw new OptionError(`invalid host ${quote(text)}: the path of the socket must be absolute`);
  }
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new OptionError(
      `invalid host ${quote(text)}: a socket's path has at most ${MAX_SOCKET_PATH} bytes`,
    );
  }
  return { kind: 'unix', path };
}

function parseTcp(text: string, rest: string): Host {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(rest) ?? [];
  const port = Number(digits);
  const address = plain === 'localhost' ? '127.0.0.1' : (bracketed ?? plain);
  if (address === undefined || port > 65535) {
    throw new OptionError(`invalid host ${quote(text)}: use tcp://127.0.0.1:PORT`);
  }
  if (!isLoopback(address)) {
    throw new OptionError(
      `host ${quote(text)} is refused: everyone who reaches it is root here, ` +
        'and there is no TLS; use a loopback address, with a tunnel to reach it from elsewhere',
    );
  }
  return { kind: 'tcp', address, port };
}

/**
 * `HOST:PORT` of `--metrics-addr`. Any address of this machine: what is served there tells numbers
 * and changes nothing.
 */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const host = plain === 'localhost' ? '127.0.0.1' : (bracketed ?? plain);
  if (host !== undefined && port <= 65535 && (isIPv4(host) || isIPv6(host))) return { host, port };
  throw new OptionError(`invalid metrics-addr ${quote(text)}: use ADDRESS:PORT`);
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

function quote(text: string): string {
  return JSON.stringify(text);
}
