/**
 * What a daemon has of the host's network: links and namespaces that bear its names. Daemons of
 * other specs have theirs beside it, and nothing here looks at those.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { peekText } from './leftovers.ts';

/** 16 subnets of 254 addresses, which hardly anybody else has. */
export interface TestPool {
  readonly flags: readonly string[];
  /** What its addresses begin with. */
  readonly second: number;
  readonly third: number;
}

export function makePool(): TestPool {
  const [first = 0, last = 0] = randomBytes(2);
  const second = 128 + (first % 100);
  const third = last & 0xf0;
  const flags = ['--default-address-pool', `base=10.${second}.${third}.0/20,size=24`];
  return { flags, second, third };
}

/** Named network namespaces of the machine. */
function networkNamespaces(): readonly string[] {
  return existsSync('/run/netns') ? readdirSync('/run/netns') : [];
}

interface Shown {
  readonly ifname: string;
  readonly addr_info: readonly { readonly local?: string }[];
}

/** Told by the default bridge, whose address is of the pool; undefined: there is none. */
export function prefixIn({ second, third }: TestPool): string | undefined {
  const text = execFileSync('ip', ['-j', 'addr', 'show', 'type', 'bridge'], { encoding: 'utf8' });
  const shown = JSON.parse(text) as readonly Shown[];
  const own = shown.find(({ addr_info }) =>
    addr_info.some(({ local = '' }) => {
      const parts = local.split('.').map(Number);
      return parts[0] === 10 && parts[1] === second && ((parts[2] ?? 0) & 0xf0) === third;
    }),
  );
  if (own === undefined) return undefined;
  const alias = peekText(`/sys/class/net/${own.ifname}/ifalias`).trim();
  return alias.startsWith('shiplog:') ? alias.slice('shiplog:'.length) : undefined;
}

/** Network namespaces and links of containers, in words. */
export function containerNetworks(prefix: string): readonly string[] {
  return [
    ...networkNamespaces()
      .filter((name) => name.startsWith(`${prefix}-`))
      .map((name) => `network namespace ${name}`),
    ...readdirSync('/sys/class/net')
      .filter((name) => name.startsWith(`${prefix}v`))
      .map((name) => `link ${name}`),
  ];
}

/** Bridges stay when a daemon ends. */
export function sweepNetworks(prefix: string): void {
  for (const name of networkNamespaces()) {
    if (name.startsWith(`${prefix}-`)) execFileSync('ip', ['netns', 'del', name]);
  }
  for (const family of ['inet', 'ip', 'ip6', 'bridge']) dropTables(family, prefix);
  for (const name of readdirSync('/sys/class/net')) {
    if (/^[bv]/.test(name.slice(prefix.length)) && name.startsWith(prefix)) deleteLink(name);
  }
}

/** Tables of nftables that bear the daemon's name. */
function dropTables(family: string, prefix: string): void {
  const listed = execFileSync('nft', ['list', 'tables', family], { encoding: 'utf8' });
  const names = listed.match(/\S+$/gm) ?? [];
  for (const name of names.filter((one) => one.startsWith(prefix))) {
    execFileSync('nft', ['delete', 'table', family, name]);
  }
}

function deleteLink(name: string): void {
  try {
    execFileSync('ip', ['link', 'del', name], { stdio: 'pipe' });
  } catch (error) {
    // A link goes with its namespace, a moment later.
    if (readdirSync('/sys/class/net').includes(name)) throw error;
  }
}
