/** The options of networks: dockerd's names, for flags and for the configuration file. */
import { OptionError } from './optionError.ts';

export interface AddressPool {
  readonly base: string;
  /** Prefix length of the subnets that are made of it. */
  readonly size: number;
}

export interface NetworkOptions {
  /** Address and prefix of the default bridge; null: chosen from the pools. */
  readonly bip: string | null;
  /** Whether the network `bridge` is made (`--bridge=none`: it is not). */
  readonly defaultBridge: boolean;
  /** Where subnets come from that nobody chose. */
  readonly pools: readonly AddressPool[];
  /** false: rules of the host are the administrator's business. */
  readonly firewall: boolean;
}

export interface GivenNetworkOptions {
  readonly bip?: string;
  readonly bridge?: string;
  /** `base=10.0.0.0/8,size=24` */
  readonly 'default-address-pools'?: readonly string[];
  readonly iptables?: boolean;
}

export const NETWORK_KINDS = {
  bip: 'text',
  bridge: 'text',
  'default-address-pools': 'pools',
  iptables: 'flag',
} as const;

export const NETWORK_FLAGS = {
  bip: { type: 'string' },
  bridge: { type: 'string', short: 'b' },
  'default-address-pool': { type: 'string', multiple: true },
  iptables: { type: 'string' },
} as const;

export const NETWORK_HELP = `      --bip CIDR           Address and prefix of the default bridge (default: from the pools)
  -b, --bridge none        Make no default bridge
      --default-address-pool base=CIDR,size=N
                           Where networks get their subnets from; may be repeated
      --iptables=false     Leave the rules of the host to the administrator`;

/** Unique local addresses: nobody routes them. */
const IPV6_POOL: AddressPool = { base: 'fd5a:1060::/48', size: 64 };

/** docker's. */
const DEFAULT_POOLS: readonly AddressPool[] = [
  ...Array.from({ length: 15 }, (_, at) => ({ base: `172.${17 + at}.0.0/16`, size: 16 })),
  { base: '192.168.0.0/16', size: 20 },
];

interface NetworkFlags {
  readonly bip?: string | undefined;
  readonly bridge?: string | undefined;
  readonly 'default-address-pool'?: readonly string[] | undefined;
  readonly iptables?: string | undefined;
}

/** With the names and kinds that they have in the file. */
export function givenNetworkOptions(flags: NetworkFlags): GivenNetworkOptions {
  const { bip, bridge, 'default-address-pool': pools, iptables } = flags;
  return {
    ...(bip === undefined ? {} : { bip }),
    ...(bridge === undefined ? {} : { bridge }),
    ...(pools === undefined ? {} : { 'default-address-pools': pools }),
    ...(iptables === undefined ? {} : { iptables: truth('iptables', iptables) }),
  };
}

function truth(name: string, text: string): boolean {
  if (['', 'true', '1'].includes(text)) return true;
  if (['false', '0'].includes(text)) return false;
  throw new OptionError(`invalid value for ${name}: ${JSON.stringify(text)}; use true or false`);
}

/** @throws OptionError */
export function networkOptions(given: GivenNetworkOptions): NetworkOptions {
  const pools = (given['default-address-pools'] ?? []).map(pool);
  const chosen = pools.length > 0 ? pools : DEFAULT_POOLS;
  const hasIpv6 = chosen.some(({ base }) => base.includes(':'));
  if (given.bridge !== undefined && !['', 'none'].includes(given.bridge)) {
    throw new OptionError(`bridge can only be none, not ${JSON.stringify(given.bridge)}`);
  }
  return Object.freeze({
    bip: given.bip === undefined || given.bip === '' ? null : cidr('bip', given.bip),
    defaultBridge: given.bridge !== 'none',
    pools: Object.freeze(hasIpv6 ? chosen : [...chosen, IPV6_POOL]),
    firewall: given.iptables ?? true,
  });
}

function pool(text: string): AddressPool {
  const parts = new Map(text.split(',').map((part) => part.split('=') as [string, string]));
  const size = Number(parts.get('size'));
  const base = cidr('default-address-pool', parts.get('base') ?? '');
  const prefix = Number(base.split('/')[1]);
  if (!Number.isInteger(size) || size < prefix || size > (base.includes(':') ? 128 : 32)) {
    throw new OptionError(`invalid default address pool: ${text}; use base=CIDR,size=N`);
  }
  return { base, size };
}

function cidr(name: string, text: string): string {
  if (/^[0-9a-fA-F.:]+\/\d+$/.test(text)) return text;
  throw new OptionError(`invalid ${name}: ${JSON.stringify(text)}; use ADDRESS/PREFIX`);
}
