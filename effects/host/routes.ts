/** What the host has routes to, so that no network of ours is laid over it. */
import { textOf } from './facts.ts';

/** Subnets; default routes are left out. */
export function hostRoutes(): readonly string[] {
  return [
    ...new Set([...routes4(textOf('/proc/net/route')), ...routes6(textOf('/proc/net/ipv6_route'))]),
  ];
}

/** Columns: interface, destination, …, mask at the eighth; numbers in the host's byte order. */
export function routes4(table: string): readonly string[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination = '', , , , , , mask = ''] = line.trim().split(/\s+/);
      if (!/^[0-9A-Fa-f]{8}$/.test(destination) || !/^[0-9A-Fa-f]{8}$/.test(mask)) return [];
      const prefix = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length;
      if (prefix === 0) return [];
      return [`${bytesOf(destination).join('.')}/${prefix}`];
    });
}

const bytesOf = (hex: string): readonly number[] =>
  (hex.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16));

/** Columns: destination, its prefix in hexadecimal, …; routes of single addresses are left out. */
export function routes6(table: string): readonly string[] {
  return table.split('\n').flatMap((line) => {
    const [destination = '', length = ''] = line.trim().split(/\s+/);
    if (!/^[0-9a-f]{32}$/.test(destination)) return [];
    const prefix = Number.parseInt(length, 16);
    if (prefix === 0 || prefix === 128) return [];
    return [`${(destination.match(/..../g) ?? []).join(':')}/${prefix}`];
  });
}

/** Whether the kernel has IPv6 addresses at all. */
export const hostHasIPv6 = (): boolean => textOf('/proc/net/if_inet6') !== '';
