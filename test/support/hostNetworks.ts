/**
 * What a daemon has of the host's network: links and namespaces that bear its names. Daemons of
 * other specs have theirs beside it, and nothing here looks at those.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';

/** Flags for 16 subnets of 254 addresses, which hardly any other daemon of a spec has. */
export function poolFlags(): readonly string[] {
  const [first = 0, last = 0] = randomBytes(2);
  const base = `10.${64 + (first % 192)}.${last & 0xf0}.0/20`;
  return ['--default-address-pool', `base=${base},size=24`];
}

/** Named network namespaces of the machine. */
function networkNamespaces(): readonly string[] {
  return existsSync('/run/netns') ? readdirSync('/run/netns') : [];
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
