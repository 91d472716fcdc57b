/**
 * The text of the three files a container finds in /etc. All but
 * `readHostFiles` are pure: the host's files come in as text.
 */

import type { ContainerConfig, HostConfig } from '../../machines/container.config.ts';
import { textOf } from '../host/facts.ts';
import { NO_NETWORK, type OwnNetwork } from '../network/networkPort.ts';
import { textList } from '../spec/hostFields.ts';

export interface HostFiles {
  /** The host's /etc/hosts and /etc/resolv.conf; empty if there is none. */
  readonly hosts: string;
  readonly resolvConf: string;
}

const LOCAL_NAMES: readonly (readonly [address: string, names: string])[] = [
  ['127.0.0.1', 'localhost'],
  ['::1', 'localhost ip6-localhost ip6-loopback'],
  ['fe00::', 'ip6-localnet'],
  ['ff00::', 'ip6-mcastprefix'],
  ['ff02::1', 'ip6-allnodes'],
  ['ff02::2', 'ip6-allrouters'],
];

/**
 * /etc/hosts: the host's own with the host's network, else the local names; then ExtraHosts, and the
 * container's own name for each of its addresses.
 */
export function hostsFile(
  hostConfig: HostConfig,
  host: HostFiles,
  own: OwnNetwork = NO_NETWORK,
  { Hostname, Domainname }: OwnName = { Hostname: '', Domainname: '' },
): string {
  const given = textList(hostConfig, 'ExtraHosts');
  const extra = given.flatMap((entry) => extraHost(entry, own.hostGateway));
  if (hostConfig.NetworkMode === 'host') return host.hosts + lines(extra);
  const named = Domainname === '' ? Hostname : `${Hostname}.${Domainname} ${Hostname}`;
  const ours = own.addresses.map((address) => [address, named] as const);
  return lines([...LOCAL_NAMES, ...extra, ...ours]);
}

type OwnName = Pick<ContainerConfig, 'Hostname' | 'Domainname'>;

/** `name:address` or `name=address`; `host-gateway` stands for the default bridge. */
function extraHost(
  entry: string,
  hostGateway: string | null,
): readonly (readonly [string, string])[] {
  const match = /^([^:=]+)[:=](.+)$/.exec(entry);
  const [, name, given] = match ?? [];
  const address = given === 'host-gateway' ? hostGateway : given;
  if (name === undefined || address === undefined || address === null) return [];
  return [[address.replace(/^\[(.*)\]$/, '$1'), name]];
}

function lines(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([address, names]) => `${address}\t${names}\n`).join('');
}

/** Read for each start: the host's resolver may change at any time. */
export function readHostFiles(): HostFiles {
  return { hosts: textOf('/etc/hosts'), resolvConf: textOf('/etc/resolv.conf') };
}

export function hostnameFile(hostname: string): string {
  return `${hostname}\n`;
}

/**
 * /etc/resolv.conf: the host's, without servers that only the host's own loopback reaches (they are
 * kept with the host's network); Dns, DnsSearch and DnsOptions each replace their part.
 */
export function resolvConfFile(
  hostConfig: HostConfig,
  host: HostFiles,
  { resolves }: OwnNetwork = NO_NETWORK,
): string {
  const dns = textList(hostConfig, 'Dns');
  const search = textList(hostConfig, 'DnsSearch');
  const options = textList(hostConfig, 'DnsOptions');
  const sharesHost = hostConfig.NetworkMode === 'host';
  if (sharesHost && dns.length + search.length + options.length === 0) return host.resolvConf;
  const given = parseResolvConf(host.resolvConf);
  const reachable = given.servers.filter((server) => sharesHost || !isLoopback(server));
  const servers = dns.length > 0 ? dns : reachable;
  // A lone `.` asks for no search list at all.
  const wanted = search.length > 0 ? search.filter((domain) => domain !== '.') : given.search;
  if (resolves) {
    // What it does not know itself it asks the servers for; `ndots:0`: every name is asked as it is.
    const asked = options.length > 0 ? options : given.options;
    const dots = asked.some((one) => one.startsWith('ndots:')) ? [] : ['ndots:0'];
    return [
      'nameserver 127.0.0.11\n',
      ...line('search', wanted),
      ...line('options', [...asked, ...dots]),
    ].join('');
  }
  return [
    ...servers.map((server) => `nameserver ${server}\n`),
    ...line('search', wanted),
    ...line('options', options.length > 0 ? options : given.options),
  ].join('');
}

function line(keyword: string, words: readonly string[]): readonly string[] {
  return words.length === 0 ? [] : [`${keyword} ${words.join(' ')}\n`];
}

interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

function parseResolvConf(content: string): ResolvConf {
  const all = content
    .split('\n')
    .map((each) =>
      each
        .replace(/[#;].*$/, '')
        .trim()
        .split(/\s+/),
    )
    .filter(([keyword]) => keyword !== '');
  const last = (keywords: readonly string[]): readonly string[] =>
    all.findLast(([keyword = '']) => keywords.includes(keyword))?.slice(1) ?? [];
  return {
    servers: all
      .filter(([keyword]) => keyword === 'nameserver')
      .flatMap(([, server]) => server ?? []),
    search: last(['search', 'domain']),
    options: last(['options']),
  };
}

/** Name servers of the host. */
export const hostServers = ({ resolvConf }: HostFiles): readonly string[] =>
  parseResolvConf(resolvConf).servers;

function isLoopback(server: string): boolean {
  return server.startsWith('127.') || server === '::1';
}
