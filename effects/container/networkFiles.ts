/**
 * The text of the three files a container finds in /etc. All but
 * `readHostFiles` are pure: the host's files come in as text.
 */

import type { HostConfig } from '../../machines/container.config.ts';
import type { ContainerContext } from '../../machines/container.context.ts';
import { textOf } from '../host/facts.ts';
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

/** What a run's place in networks adds to its files. */
export interface NetworkNames {
  /** Of its own and of those it is linked to: an address, then names with blanks between. */
  readonly entries: readonly (readonly [address: string, names: string])[];
  /** The host as containers of the default bridge see it; null: it has none. */
  readonly hostGateway: string | null;
  /** Whether 127.0.0.11 answers. */
  readonly resolves: boolean;
}
export const NO_NAMES: NetworkNames = { entries: [], hostGateway: null, resolves: false };

/** Where names of containers are answered, on networks that have names. */
export const RESOLVER = '127.0.0.11';

/** What the daemon's configuration says of names, for containers that say nothing. */
export interface NameDefaults {
  readonly dns: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly dnsSearch: readonly string[];
}

export function withNameDefaults(
  hostConfig: HostConfig,
  defaults: NameDefaults | undefined,
): HostConfig {
  if (defaults === undefined) return hostConfig;
  const own = (field: string, otherwise: readonly string[]): readonly string[] => {
    const given = textList(hostConfig, field);
    return given.length > 0 ? given : otherwise;
  };
  return {
    ...hostConfig,
    Dns: own('Dns', defaults.dns),
    DnsOptions: own('DnsOptions', defaults.dnsOptions),
    DnsSearch: own('DnsSearch', defaults.dnsSearch),
  };
}

/** The whole name that it knows itself by, and the part of it before the first dot. */
export function ownNames({ config, id }: Pick<ContainerContext, 'config' | 'id'>): string {
  const { Hostname, Domainname } = config;
  const own = Hostname === '' ? id.slice(0, 12) : Hostname;
  const whole = Domainname === '' ? own : `${own}.${Domainname}`;
  const [first = ''] = whole.split('.');
  return first === whole ? whole : `${whole} ${first}`;
}

/**
 * /etc/hosts: the host's own with the host's network, if nothing is to be added; else the local
 * names, ExtraHosts, the container's own addresses, and those of its links.
 */
export function hostsFile(hostConfig: HostConfig, host: HostFiles, names = NO_NAMES): string {
  const given = textList(hostConfig, 'ExtraHosts');
  const extra = given.flatMap((entry) => extraHost(entry, names.hostGateway));
  if (hostConfig.NetworkMode === 'host' && given.length === 0) return host.hosts;
  return lines([...LOCAL_NAMES, ...extra, ...names.entries]);
}

/** `name:address` or `name=address`; `host-gateway` stands for the default bridge's address. */
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
 * kept with the host's network); Dns, DnsSearch and DnsOptions each replace their part. Where names
 * of containers are answered, whoever answers them asks those servers, and a name without a dot is
 * asked for as it is.
 */
export function resolvConfFile(hostConfig: HostConfig, host: HostFiles, names = NO_NAMES): string {
  const dns = textList(hostConfig, 'Dns');
  const search = textList(hostConfig, 'DnsSearch');
  const options = textList(hostConfig, 'DnsOptions');
  const sharesHost = hostConfig.NetworkMode === 'host';
  if (sharesHost && dns.length + search.length + options.length === 0) return host.resolvConf;
  const given = parseResolvConf(host.resolvConf);
  const reachable = given.servers.filter((server) => sharesHost || !isLoopback(server));
  const outside = dns.length > 0 ? dns : reachable;
  const servers = names.resolves ? [RESOLVER] : outside;
  // A lone `.` asks for no search list at all.
  const wanted = search.length > 0 ? search.filter((domain) => domain !== '.') : given.search;
  const chosen = options.length > 0 ? options : given.options;
  const undotted = names.resolves && !chosen.some((option) => option.startsWith('ndots:'));
  return [
    ...servers.map((server) => `nameserver ${server}\n`),
    ...line('search', wanted),
    ...line('options', undotted ? [...chosen, 'ndots:0'] : chosen),
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
