/** Ports of the host that somebody listens on, so that none of them is given to a container. */
import { textOf } from './facts.ts';

const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'] as const;

export function listeningPorts(): readonly number[] {
  return [...new Set(TABLES.flatMap((name) => boundPorts(textOf(`/proc/net/${name}`))))];
}

/** LISTEN of TCP; a socket of UDP that is connected to nobody. */
const OPEN = new Set(['0A', '07']);

/** Columns: number, local address and port, remote ones, state, …; in hexadecimal. */
export function boundPorts(table: string): readonly number[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state = ''] = line.trim().split(/\s+/);
      const port = Number.parseInt(local.split(':')[1] ?? '', 16);
      return OPEN.has(state) && port > 0 ? [port] : [];
    });
}
