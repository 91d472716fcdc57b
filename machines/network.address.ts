/** Addresses and subnets of both families as numbers. Pure; texts come out in canonical form. */

export type AddressFamily = 4 | 6;

export interface Address {
  readonly family: AddressFamily;
  readonly value: bigint;
}

export interface Subnet {
  readonly family: AddressFamily;
  /** The first address: all bits behind the prefix are 0. */
  readonly base: bigint;
  readonly prefix: number;
}

const BITS = { 4: 32, 6: 128 } as const;

/** undefined: it is no address. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parse6(text) : parse4(text);
}

function parse4(text: string): Address | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const parts = match?.slice(1).map(Number) ?? [];
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return { family: 4, value: parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
}

function parse6(given: string): Address | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(given);
  const tail = dotted === null ? undefined : parse4(dotted[2] ?? '');
  if (dotted !== null && tail === undefined) return undefined;
  const hex = (part: bigint): string => part.toString(16);
  const text =
    tail === undefined
      ? given
      : `${dotted?.[1]}${hex(tail.value >> 16n)}:${hex(tail.value & 0xffffn)}`;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], rest] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - (rest?.length ?? 0);
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const words = [...head, ...Array<string>(rest === undefined ? 0 : missing).fill('0')];
  words.push(...(rest ?? []));
  if (words.some((word) => !/^[0-9a-fA-F]{1,4}$/.test(word))) return undefined;
  return { family: 6, value: words.reduce((sum, word) => (sum << 16n) | BigInt(`0x${word}`), 0n) };
}

export function formatAddress({ family, value }: Address): string {
  return family === 4 ? format4(value) : format6(value);
}

const format4 = (value: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');

/** The longest row of zero words, the first of equals, is left out (RFC 5952). */
function format6(value: bigint): string {
  const words = Array.from({ length: 8 }, (_, at) =>
    ((value >> BigInt(112 - at * 16)) & 0xffffn).toString(16),
  );
  let best = { at: 0, length: 0 };
  for (let at = 0; at < 8; at += 1) {
    const length = words.slice(at).findIndex((word) => word !== '0');
    const zeros = length < 0 ? 8 - at : length;
    if (zeros > best.length) best = { at, length: zeros };
  }
  if (best.length < 2) return words.join(':');
  return `${words.slice(0, best.at).join(':')}::${words.slice(best.at + best.length).join(':')}`;
}

/** `10.1.0.0/16`; bits behind the prefix are dropped. undefined: it is no subnet. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address = '', length = '', more] = text.split('/');
  const parsed = parseAddress(address);
  if (parsed === undefined || more !== undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > BITS[parsed.family]) return undefined;
  return subnetOf(parsed, prefix);
}

export function subnetOf({ family, value }: Address, prefix: number): Subnet {
  const behind = BigInt(BITS[family] - prefix);
  return { family, base: (value >> behind) << behind, prefix };
}

export const formatSubnet = ({ family, base, prefix }: Subnet): string =>
  `${formatAddress({ family, value: base })}/${prefix}`;

/** The last address of it. */
export const lastOf = ({ family, base, prefix }: Subnet): bigint =>
  base + (1n << BigInt(BITS[family] - prefix)) - 1n;

export const contains = (subnet: Subnet, { family, value }: Address): boolean =>
  family === subnet.family && value >= subnet.base && value <= lastOf(subnet);

/** 169.254.0.0/16 and fe80::/10. */
export const isLinkLocal = ({ family, value }: Address): boolean =>
  family === 4 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan;

export const overlaps = (one: Subnet, other: Subnet): boolean =>
  one.family === other.family && one.base <= lastOf(other) && other.base <= lastOf(one);

/**
 * Whether a host can have it: in IPv4 neither the network's own address nor the broadcast, in IPv6
 * not the first one. Of /31, /32, /127 and /128 all can be had.
 */
export function usable(subnet: Subnet, value: bigint): boolean {
  if (subnet.prefix >= BITS[subnet.family] - 1) return true;
  if (value === subnet.base) return false;
  return subnet.family === 6 || value !== lastOf(subnet);
}

/** The lowest address of `range` that a host of `subnet` can have and that is not taken. */
export function lowestFree(
  subnet: Subnet,
  range: Subnet,
  taken: (address: string) => boolean,
): string | undefined {
  const last = lastOf(range);
  for (let value = range.base; value <= last; value += 1n) {
    if (!usable(subnet, value)) continue;
    const text = formatAddress({ family: subnet.family, value });
    if (!taken(text)) return text;
  }
  return undefined;
}
