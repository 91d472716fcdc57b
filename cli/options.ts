/**
 * What the user gave, by flags and by the configuration file, as one frozen value. Flags have
 * dockerd's names. Pure: the file comes through a function passed in. An option given in both
 * places is an error, as with dockerd, so that nobody has to know which one wins.
 */
import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type GivenOptions,
  LOG_LEVELS,
  type LogLevel,
  OPTION_NAMES,
  parseDaemonJson,
} from './daemonJson.ts';
import { type Host, parseAddress, parseHost } from './host.ts';
import {
  givenNetworkOptions,
  NETWORK_FLAGS,
  NETWORK_HELP,
  type NetworkOptions,
  networkOptions,
} from './networkOptions.ts';
import { OptionError } from './optionError.ts';

export interface Options {
  /** At least one. */
  readonly hosts: readonly Host[];
  /** State that survives a reboot: the log, containers' directories. Absolute. */
  readonly dataRoot: string;
  /** State that a reboot may erase: sockets, FIFOs, mounts. Absolute. */
  readonly execRoot: string;
  /** The file that was read; null if there was none. */
  readonly configFile: string | null;
  /** Socket of a containerd that somebody else runs; null: the daemon starts its own. */
  readonly containerd: string | null;
  /** Which of containerd's keeps layers and containers' files. */
  readonly snapshotter: string;
  readonly logLevel: LogLevel;
  /** Group (name or number) that may use the unix sockets; null: root alone. */
  readonly group: string | null;
  readonly pidfile: string | null;
  readonly debug: boolean;
  /** `key=value`, shown by info. */
  readonly labels: readonly string[];
  /** Where metrics are served beside the sockets; null: there alone. */
  readonly network: NetworkOptions;
  readonly metricsAddress: { readonly host: string; readonly port: number } | null;
}

export type ParsedOptions =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

export const DEFAULT_DATA_ROOT = '/var/lib/shiplog';
export const DEFAULT_EXEC_ROOT = '/run/shiplog';
export const DEFAULT_SNAPSHOTTER = 'overlayfs';
export const DEFAULT_CONFIG_FILE = '/etc/shiplog/daemon.json';

export const HELP = `Usage: shiplog [OPTIONS]

A container daemon whose truth is an append-only event log; it speaks the Docker Engine API.

Options:
  -H, --host ADDRESS       Listen on unix:///PATH or tcp://127.0.0.1:PORT; may be repeated
                           (default unix://EXEC-ROOT/shiplog.sock)
      --data-root DIR      Log and containers' directories (default ${DEFAULT_DATA_ROOT})
      --exec-root DIR      Sockets, FIFOs, mounts (default ${DEFAULT_EXEC_ROOT})
      --config-file FILE   Options as JSON (default ${DEFAULT_CONFIG_FILE}, if it exists)
      --containerd SOCKET  Use this containerd instead of starting one
      --snapshotter NAME   How containerd keeps layers: overlayfs, native, … (default overlayfs)
  -l, --log-level LEVEL    ${LOG_LEVELS.join(', ')} (default info)
  -D, --debug              The same as --log-level debug, and info says so
  -G, --group GROUP        Group that may use the unix sockets (default: root alone)
      --metrics-addr ADDRESS:PORT
                           Serve /metrics, /healthz and /readyz there, too
${NETWORK_HELP}
      --label KEY=VALUE    Label of this daemon, shown by info; may be repeated
  -p, --pidfile FILE       Write the daemon's process id here
  -v, --version            Print the version
  -h, --help               Print this
`;

/**
 * @param argv without the program's name.
 * @param readFile text of a file, undefined if it does not exist.
 * @throws OptionError in words for the user.
 */
export function parseOptions(
  argv: readonly string[],
  readFile: (path: string) => string | undefined,
): ParsedOptions {
  const flags = parseFlags(argv);
  if (flags.help === true) return { kind: 'help' };
  if (flags.version === true) return { kind: 'version' };
  const given = givenByFlags(flags);
  const file = readConfig(flags['config-file'], readFile);
  refuseBoth(file.path, given, file.given);
  return { kind: 'run', options: complete({ ...file.given, ...given }, file.path) };
}

const FLAGS = {
  host: { type: 'string', short: 'H', multiple: true },
  'data-root': { type: 'string' },
  'exec-root': { type: 'string' },
  'config-file': { type: 'string' },
  containerd: { type: 'string' },
  snapshotter: { type: 'string' },
  'log-level': { type: 'string', short: 'l' },
  group: { type: 'string', short: 'G' },
  pidfile: { type: 'string', short: 'p' },
  debug: { type: 'boolean', short: 'D' },
  label: { type: 'string', multiple: true },
  'metrics-addr': { type: 'string' },
  ...NETWORK_FLAGS,
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parseFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, strict: true }).values;
  } catch (error) {
    // Node adds hints after the first sentence, and on further lines.
    const text = error instanceof Error ? error.message : String(error);
    throw new OptionError(`${text.split(/\.? To specify |\n/)[0]}\nSee 'shiplog --help'.`);
  }
}

/** Drops what was not given, and gives lists the names that they have in the file. */
function givenByFlags(flags: ReturnType<typeof parseFlags>): GivenOptions {
  const { host, label, version: _, help: __, 'config-file': ___, ...others } = flags;
  const { bip: ____, bridge: _5, iptables: _6, 'default-address-pool': _7, ...rest } = others;
  return {
    ...rest,
    ...givenNetworkOptions(flags),
    ...(host === undefined ? {} : { hosts: host }),
    ...(label === undefined ? {} : { labels: label }),
  };
}

function readConfig(
  named: string | undefined,
  readFile: (path: string) => string | undefined,
): { readonly path: string | null; readonly given: GivenOptions } {
  const path = named ?? DEFAULT_CONFIG_FILE;
  const text = readFile(path);
  if (text !== undefined) return { path, given: parseDaemonJson(path, text) };
  if (named === undefined) return { path: null, given: {} };
  throw new OptionError(`unable to configure the daemon with file ${path}: no such file`);
}

function refuseBoth(path: string | null, flags: GivenOptions, file: GivenOptions): void {
  const both = OPTION_NAMES.filter((name) => flags[name] !== undefined && file[name] !== undefined);
  if (both.length === 0) return;
  const listed = both.map(
    (name) => `${name}: (from flag: ${print(flags[name])}, from file: ${print(file[name])})`,
  );
  throw new OptionError(
    `unable to configure the daemon with file ${path}: the following directives are ` +
      `specified both as a flag and in the configuration file: ${listed.join(', ')}`,
  );
}

function print(value: GivenOptions[keyof GivenOptions]): string {
  return Array.isArray(value) ? `[${value.join(' ')}]` : String(value);
}

function complete(given: GivenOptions, configFile: string | null): Options {
  const execRoot = absolute('exec-root', given['exec-root'] ?? DEFAULT_EXEC_ROOT);
  const hosts = given.hosts?.length ? given.hosts : [`unix://${execRoot}/shiplog.sock`];
  const debug = given.debug ?? false;
  const metrics = given['metrics-addr'];
  return Object.freeze({
    hosts: Object.freeze(hosts.map(parseHost)),
    dataRoot: absolute('data-root', given['data-root'] ?? DEFAULT_DATA_ROOT),
    execRoot,
    configFile,
    containerd: given.containerd === undefined ? null : containerdSocket(given.containerd),
    snapshotter: snapshotter(given.snapshotter ?? DEFAULT_SNAPSHOTTER),
    logLevel: debug ? 'debug' : logLevel(given['log-level'] ?? 'info'),
    group: given.group || null,
    pidfile: given.pidfile === undefined ? null : absolute('pidfile', given.pidfile),
    debug,
    labels: Object.freeze((given.labels ?? []).map(label)),
    network: networkOptions(given),
    metricsAddress: metrics === undefined ? null : Object.freeze(parseAddress(metrics)),
  });
}

/** Without a slash at the end. */
function absolute(name: string, path: string): string {
  if (isAbsolute(path)) return path.replace(/(?<=.)\/+$/, '');
  throw new OptionError(`${name} must be an absolute path: ${JSON.stringify(path)}`);
}

function containerdSocket(address: string): string {
  return absolute('containerd', address.replace(/^unix:\/\//, ''));
}

/** Whether containerd has it is known when it answers. */
function snapshotter(name: string): string {
  if (/^[a-z0-9][a-z0-9._-]*$/.test(name)) return name;
  throw new OptionError(`invalid snapshotter: ${JSON.stringify(name)}`);
}

function logLevel(level: string): LogLevel {
  const known = LOG_LEVELS.find((one) => one === level);
  if (known !== undefined) return known;
  throw new OptionError(`invalid logging level: ${level}; use one of ${LOG_LEVELS.join(', ')}`);
}

function label(text: string): string {
  if (/^[^=]+=./.test(text)) return text;
  throw new OptionError(`bad attribute format: ${text}; use KEY=VALUE`);
}
