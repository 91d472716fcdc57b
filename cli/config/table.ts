/**
 * Every option of the daemon, named as dockerd names it: how it is read, whether a reload changes
 * it, and what it does. Help, docs/configuration.md and the parser come from this table. What
 * dockerd has and shiplog has not is in refused.ts.
 */
import { OptionError } from '../optionError.ts';
import { asIs, boolean, type Kind, list, map, text, toggle, type ValueOf, whole } from './kinds.ts';
import { runtimes } from './runtimes.ts';
import {
  absolute,
  address,
  addresses,
  cidr,
  domain,
  oneOf,
  pools,
  size,
  strings,
  ulimits,
} from './values.ts';

export interface OptionRow<Value> {
  readonly kind: Kind<Value>;
  /** One line for help. */
  readonly does: string;
  /** The flag, where it is not named as in the file: there lists have the plural. */
  readonly flag?: string;
  readonly short?: string;
  /** A reload changes it. */
  readonly live?: true;
  /** A reload of a file that lacks it brings the default back; else the old value stays. */
  readonly forgets?: true;
  /** In the file it stands in the object `shiplog`, for dockerd has no such option. */
  readonly ours?: true;
  /** Parsed and shown, but nothing acts on it yet, and why: given, it is a warning. */
  readonly idle?: string;
}

const row = <Value>(
  kind: Kind<Value>,
  does: string,
  more: Omit<OptionRow<Value>, 'kind' | 'does'> = {},
): OptionRow<Value> => ({ kind, does, ...more });

const LIVE = { live: true } as const;
const NO_PULL = { idle: 'nothing is pulled or pushed' } as const;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;

const label = (given: string): string => {
  if (/^[^=]+=./.test(given)) return given;
  throw new OptionError(`bad attribute format: ${given}`);
};

/** Whether containerd has it is known when it answers. */
const snapshotter = text('NAME', (name) => {
  if (/^[a-z0-9][a-z0-9._-]*$/.test(name)) return name;
  throw new OptionError(`invalid snapshotter: ${JSON.stringify(name)}`);
});

const ipcMode = oneOf('MODE', ['', 'private', 'shareable'], (mode) =>
  ['none', 'host'].includes(mode) || mode.startsWith('container:')
    ? `IPC mode "${mode}" is not supported as default value; use "shareable" or "private"`
    : `default IPC mode setting (${mode}) is invalid; use "shareable" or "private"`,
);

const cgroupnsMode = oneOf(
  'MODE',
  ['', 'private', 'host'],
  (mode) => `default cgroup namespace mode (${mode}) is invalid; use "host" or "private"`,
);

const execOption = (given: string): string => {
  const [, driver] = /^native\.cgroupdriver=(.*)$/i.exec(given) ?? [];
  if (driver === undefined) {
    throw new OptionError(
      `invalid exec-opt ${JSON.stringify(given)}: use native.cgroupdriver=NAME`,
    );
  }
  if (driver === 'cgroupfs' || driver === 'systemd') return given;
  throw new OptionError(`native.cgroupdriver option ${driver} not supported`);
};

const liveRestore = toggle((on) => {
  if (on) return on;
  throw new OptionError(
    'live-restore is always on: containers run on through the death of the daemon; ' +
      'false is not supported',
  );
});

const features = map<boolean>({
  shown: 'NAME=true|false',
  type: 'object of true or false',
  fromFile(value, at) {
    if (typeof value === 'boolean') return value;
    throw new OptionError(`${at} must be true or false`);
  },
  fromText: (given, _name, flag) => (given === '' ? true : boolean(given, flag)),
});

const count = (name: string) =>
  whole('N', 1, (given) => `invalid ${name.replaceAll('-', ' ')}: ${given}`);

const seconds = whole('SECONDS', -1, (given) => `invalid shutdown-timeout: ${given}`);

const profile = text('FILE', (given) => {
  if (given === '' || given === 'builtin' || given === 'unconfined') return given;
  return absolute('seccomp-profile').fromFlags([given], 'seccomp-profile');
});

const ofDaemon = {
  hosts: row(
    list('ADDRESS'),
    'Listen on unix:///PATH; may be repeated (default EXEC-ROOT/shiplog.sock)',
    {
      flag: 'host',
      short: 'H',
    },
  ),
  group: row(text('GROUP'), 'Group that may use the unix sockets (default: docker, if any)', {
    short: 'G',
  }),
  'data-root': row(
    absolute('data-root'),
    "Log and containers' directories (default /var/lib/shiplog)",
  ),
  'exec-root': row(absolute('exec-root'), 'Sockets, FIFOs, mounts (default /run/shiplog)'),
  pidfile: row(text('FILE'), "Write the daemon's process id here", { short: 'p' }),
  containerd: row(text('SOCKET'), 'Use this containerd instead of starting one'),
  'containerd-namespace': row(
    text('NAME'),
    "Namespace in containerd (default: the daemon's own, shiplog-ID)",
  ),
  'storage-driver': row(snapshotter, "The same as --snapshotter: dockerd's name for it", {
    short: 's',
  }),
  snapshotter: row(snapshotter, 'How containerd keeps layers: overlayfs, native, …', {
    ours: true,
  }),
  'log-level': row(
    oneOf('LEVEL', LOG_LEVELS, (given) => `invalid logging level: ${given}`),
    `${LOG_LEVELS.join(', ')} (default info)`,
    { ...LIVE, short: 'l' },
  ),
  debug: row(toggle(), 'The same as --log-level debug, and info says so', { ...LIVE, short: 'D' }),
  labels: row(list('KEY=VALUE', label), 'Label of this daemon, shown by info; may be repeated', {
    ...LIVE,
    flag: 'label',
  }),
  'metrics-addr': row(text('ADDRESS:PORT'), 'Serve /metrics, /healthz and /readyz there, too'),
  'head-witness': row(
    absolute('head-witness', 'FILE'),
    'Where position and hash of the newest fact are kept (default EXEC-ROOT/head-witness)',
    { ours: true },
  ),
  'live-restore': row(liveRestore, 'Always on; false is refused', LIVE),
  'shutdown-timeout': row(
    seconds,
    'How long the end may take; -1: as long as it takes (default 15)',
    LIVE,
  ),
  features: row(features, 'Switches, shown in the reload event', {
    ...LIVE,
    idle: 'there is none that it knows',
    forgets: true,
    flag: 'feature',
  }),
};

const ofContainers = {
  runtimes: row(runtimes, 'A further OCI runtime; the file knows arguments and shims, too', {
    ...LIVE,
    flag: 'add-runtime',
  }),
  'default-runtime': row(text('NAME'), 'Runtime of containers that name none (default runc)', LIVE),
  'default-ipc-mode': row(ipcMode, 'private or shareable (default private)', LIVE),
  'default-cgroupns-mode': row(cgroupnsMode, 'private or host (default: private on cgroup v2)', {
    ...LIVE,
  }),
  'default-shm-size': row(size, 'Size of /dev/shm (default 64MiB)', LIVE),
  'default-ulimits': row(ulimits, 'Limit of processes in containers; may be repeated', {
    flag: 'default-ulimit',
  }),
  'default-stop-timeout': row(
    whole('SECONDS', -1, (given) => `invalid default-stop-timeout: ${given}`),
    'Time between stop signal and SIGKILL (default 10)',
    LIVE,
  ),
  init: row(toggle(), 'Run an init in every container'),
  'init-path': row(text('FILE'), 'The init to use'),
  'cgroup-parent': row(text('PARENT'), 'Parent cgroup of all containers'),
  'exec-opts': row(list('KEY=VALUE', execOption), 'native.cgroupdriver=cgroupfs or systemd', {
    flag: 'exec-opt',
  }),
  'seccomp-profile': row(profile, 'Profile file, builtin or unconfined'),
  'no-new-privileges': row(toggle(), 'Forbid new privileges unless a container asks otherwise'),
  'log-driver': row(text('NAME'), 'Where output goes unless a container says (default json-file)'),
  'log-opts': row(strings, 'Options of the log driver; may be repeated', { flag: 'log-opt' }),
};

const ofNetwork = {
  bridge: row(text('NAME'), 'A bridge that is there, and its subnet; none: no default network', {
    short: 'b',
  }),
  bip: row(text('CIDR', cidr), 'Address of the default bridge'),
  bip6: row(text('CIDR', cidr), 'IPv6 address of the default bridge'),
  'fixed-cidr': row(text('CIDR', cidr), 'Part of its subnet that containers get'),
  'fixed-cidr-v6': row(text('CIDR', cidr), 'The same of IPv6'),
  'default-gateway': row(text('IP', address), 'Gateway of the default bridge'),
  'default-gateway-v6': row(text('IP', address), 'The same of IPv6'),
  'default-address-pools': row(pools, 'Where subnets are taken from; may be repeated', {
    flag: 'default-address-pool',
  }),
  'default-network-opts': row(
    map<Readonly<Record<string, string>>>({
      shown: 'DRIVER=OPTION=VALUE',
      type: 'object of objects of strings',
      fromFile: (value, at) => strings.fromFile(value, at),
      fromText: (given, _name, flag) => strings.fromFlags([given], flag),
    }),
    'Options of new networks, by driver',
    { flag: 'default-network-opt' },
  ),
  dns: row(addresses, 'Resolver of containers that name none; may be repeated'),
  'dns-opts': row(list('OPTION'), "Option of containers' resolver; may be repeated", {
    flag: 'dns-opt',
  }),
  'dns-search': row(list('DOMAIN', domain), 'Domain that containers search; may be repeated'),
  'host-gateway-ips': row(addresses, 'What host-gateway means in --add-host', {
    flag: 'host-gateway-ip',
  }),
  icc: row(toggle(), 'Containers of the default bridge reach each other (default true)'),
  ip: row(text('IP', address), 'Where ports are published unless said (default 0.0.0.0)'),
  'ip-forward': row(toggle(), 'Switch forwarding of the kernel on (default true)'),
  'ip-masq': row(toggle(), 'Masquerade (default true)'),
  iptables: row(toggle(), 'Write filter and NAT rules (default true)'),
  ip6tables: row(toggle(), 'The same of IPv6 (default true)'),
  ipv6: row(toggle(), 'IPv6 on the default bridge'),
  'firewall-backend': row(
    oneOf('NAME', ['', 'nftables'], (given) =>
      given === 'iptables'
        ? 'firewall-backend iptables is not supported: rules are written with nftables'
        : `invalid firewall-backend "${given}"`,
    ),
    'nftables, the only one',
  ),
  mtu: row(
    whole('BYTES', 0, (given) => `invalid default MTU: ${given}`),
    'Largest packet on the default bridge',
  ),
  'userland-proxy': row(toggle(), 'Forward what rules can not, as on [::1] (default true)'),
};

const ofRegistries = {
  'insecure-registries': row(list('HOST'), 'Registry reached without TLS; may be repeated', {
    ...LIVE,
    ...NO_PULL,
    flag: 'insecure-registry',
  }),
  'registry-mirrors': row(list('URL', asIs), 'Mirror of the registry; may be repeated', {
    ...LIVE,
    ...NO_PULL,
    flag: 'registry-mirror',
  }),
  'max-concurrent-downloads': row(count('max-concurrent-downloads'), 'Layers at once (default 3)', {
    ...LIVE,
    ...NO_PULL,
    forgets: true,
  }),
  'max-concurrent-uploads': row(count('max-concurrent-uploads'), 'Layers at once (default 5)', {
    ...LIVE,
    ...NO_PULL,
    forgets: true,
  }),
  'max-download-attempts': row(count('max-download-attempts'), 'Tries of a layer (default 5)', {
    ...LIVE,
    ...NO_PULL,
    forgets: true,
  }),
};

/** By subject; the order is that of help. */
export const SECTIONS = {
  'The daemon': ofDaemon,
  Containers: ofContainers,
  Networks: ofNetwork,
  Registries: ofRegistries,
} as const;

const all = { ...ofDaemon, ...ofContainers, ...ofNetwork, ...ofRegistries };

export type OptionName = keyof typeof all;

/** What one source gives; what was not given is absent. */
export type GivenOptions = {
  readonly [Name in OptionName]?: ValueOf<(typeof all)[Name]['kind']>;
};

export const OPTIONS: Readonly<Record<OptionName, OptionRow<unknown>>> = all;
export const OPTION_NAMES = Object.keys(all) as readonly OptionName[];

export const flagOf = (name: OptionName): string => OPTIONS[name].flag ?? name;

/** Where it stands in the file. */
export const pathOf = (name: OptionName): string =>
  OPTIONS[name].ours === true ? `shiplog.${name}` : name;
