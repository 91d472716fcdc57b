/**
 * The daemon's configuration as one frozen value: what the user gave, by flags and by the file, and
 * what follows from it (law 11). Pure: files come through a function passed in. An option given in
 * both places is an error, as with dockerd, so that nobody has to know which one wins; of runtimes
 * alone both sources count.
 */
import { parseConfigFile } from './config/file.ts';
import { asksOnly, type Flags, parseFlags } from './config/flags.ts';
import { helpText } from './config/help.ts';
import { checkRuntimes, type Runtimes } from './config/runtimes.ts';
import {
  type ContainerDefaults,
  cgroupDriver,
  containerDefaults,
  type NetworkSettings,
  networkSettings,
  type ReadFile,
  type RegistrySettings,
  registrySettings,
} from './config/settings.ts';
import { type GivenOptions, LOG_LEVELS, OPTION_NAMES, OPTIONS, pathOf } from './config/table.ts';
import { absolute } from './config/values.ts';
import { type Host, parseAddress, parseListener } from './host.ts';
import { OptionError } from './optionError.ts';

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Options {
  /** What the user gave, by the options' names; what was not given is absent. */
  readonly given: GivenOptions;
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
  /** null: one that is named by the log's id. */
  readonly containerdNamespace: string | null;
  /** Which of containerd's keeps layers and containers' files. */
  readonly snapshotter: string;
  readonly logLevel: LogLevel;
  /** Group (name or number) that may use the unix sockets; null: docker. */
  readonly group: string | null;
  readonly pidfile: string | null;
  readonly debug: boolean;
  /** `key=value`, shown by info. */
  readonly labels: readonly string[];
  /** Where metrics are served beside the sockets; null: there alone. */
  readonly metricsAddress: { readonly host: string; readonly port: number } | null;
  /** File of the head witness; null: in the exec root. */
  readonly headWitness: string | null;
  /** How long the end may take; null: as long as it takes. */
  readonly shutdownTimeoutMs: number | null;
  readonly features: Readonly<Record<string, boolean>>;
  /** Beside the stock ones. */
  readonly runtimes: Runtimes;
  readonly defaultRuntime: string;
  /** null: what the host's control groups suggest. */
  readonly cgroupDriver: 'cgroupfs' | 'systemd' | null;
  readonly defaults: ContainerDefaults;
  readonly network: NetworkSettings;
  readonly registries: RegistrySettings;
  /** For the journal: what was given and does not do what its writer may expect. */
  readonly warnings: readonly string[];
}

export type ParsedOptions =
  | { readonly kind: 'run' | 'validate'; readonly options: Options; readonly flags: Flags }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

export const DEFAULT_DATA_ROOT = '/var/lib/shiplog';
export const DEFAULT_EXEC_ROOT = '/run/shiplog';
export const DEFAULT_SNAPSHOTTER = 'overlayfs';
export const DEFAULT_CONFIG_FILE = '/etc/shiplog/daemon.json';

export const HELP = helpText(DEFAULT_CONFIG_FILE);

/**
 * @param argv without the program's name.
 * @param readFile text of a file, undefined if it does not exist.
 * @throws OptionError in words for the user.
 */
export function parseOptions(argv: readonly string[], readFile: ReadFile): ParsedOptions {
  const only = asksOnly(argv);
  if (only !== undefined) return { kind: only };
  const flags = parseFlags(argv);
  const file = readConfig(flags, readFile);
  const options = complete(merged(flags, file), file.path, readFile);
  return { kind: flags.validate ? 'validate' : 'run', options, flags };
}

export interface ReadConfig {
  /** null: there is none. */
  readonly path: string | null;
  readonly given: GivenOptions;
}

/** @throws OptionError when it is wrong in itself, or not there though it was named */
export function readConfig({ configFile }: Flags, readFile: ReadFile): ReadConfig {
  const path = configFile ?? DEFAULT_CONFIG_FILE;
  const text = readFile(path);
  if (text !== undefined) return { path, given: parseConfigFile(path, text) };
  if (configFile === undefined) return { path: null, given: {} };
  throw new OptionError(`unable to configure the daemon with file ${path}: no such file`);
}

/** @throws OptionError when an option is given twice */
export function merged({ given: flags }: Flags, file: ReadConfig): GivenOptions {
  const both = OPTION_NAMES.filter(
    (name) => name !== 'runtimes' && flags[name] !== undefined && file.given[name] !== undefined,
  );
  if (both.length > 0) {
    const listed = both.map(
      (name) =>
        `${pathOf(name)}: (from flag: ${print(flags[name])}, ` +
        `from file: ${print(file.given[name])})`,
    );
    throw new OptionError(
      `unable to configure the daemon with file ${file.path}: the following directives are ` +
        `specified both as a flag and in the configuration file: ${listed.join(', ')}`,
    );
  }
  const runtimes = { ...flags.runtimes, ...file.given.runtimes };
  const given = { ...file.given, ...flags };
  return flags.runtimes === undefined ? given : { ...given, runtimes };
}

/** As Go prints it: `[a b]`, `map[k:v]`. */
function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(' ')}]`;
  if (value === null || typeof value !== 'object') return String(value);
  return `map[${Object.entries(value)
    .map(([key, item]) => `${key}:${print(item)}`)
    .join(' ')}]`;
}

/** Everything that follows from what was given. @throws OptionError */
export function complete(
  given: GivenOptions,
  configFile: string | null,
  readFile: ReadFile,
): Options {
  const defaultRuntime = given['default-runtime'] || 'runc';
  checkRuntimes(given.runtimes ?? {}, defaultRuntime);
  return deepFreeze({
    given,
    ...ofDaemon(given),
    configFile,
    features: given.features ?? {},
    runtimes: given.runtimes ?? {},
    defaultRuntime,
    cgroupDriver: cgroupDriver(given),
    defaults: containerDefaults(given, readFile),
    network: networkSettings(given),
    registries: registrySettings(given),
    warnings: idle(given),
  });
}

const idle = (given: GivenOptions): readonly string[] =>
  OPTION_NAMES.flatMap((name) => {
    const { idle: why } = OPTIONS[name];
    if (why === undefined || given[name] === undefined) return [];
    return [`${pathOf(name)} has no effect yet: ${why}`];
  });

function ofDaemon(given: GivenOptions) {
  const execRoot = given['exec-root'] ?? DEFAULT_EXEC_ROOT;
  const hosts = given.hosts?.length ? given.hosts : [`unix://${execRoot}/shiplog.sock`];
  const debug = given.debug ?? false;
  const metrics = given['metrics-addr'];
  const { pidfile, containerd } = given;
  return {
    hosts: hosts.map(parseListener),
    dataRoot: given['data-root'] ?? DEFAULT_DATA_ROOT,
    execRoot,
    containerd: containerd ? containerdSocket(containerd) : null,
    containerdNamespace: given['containerd-namespace'] || null,
    snapshotter: snapshotterOf(given),
    logLevel: debug ? 'debug' : (LOG_LEVELS.find((one) => one === given['log-level']) ?? 'info'),
    group: given.group || null,
    pidfile: pidfile ? absolute('pidfile').fromFlags([pidfile], 'pidfile') : null,
    debug,
    labels: given.labels ?? [],
    metricsAddress: metrics ? parseAddress(metrics) : null,
    headWitness: given['head-witness'] ?? null,
    shutdownTimeoutMs: shutdownTimeout(given['shutdown-timeout'] ?? 15),
  };
}

const shutdownTimeout = (seconds: number): number | null => (seconds < 0 ? null : seconds * 1_000);

function containerdSocket(address: string): string {
  return absolute('containerd').fromFlags([address.replace(/^unix:\/\//, '')], 'containerd');
}

function snapshotterOf(given: GivenOptions): string {
  const { snapshotter, 'storage-driver': driver } = given;
  if (snapshotter !== undefined && driver !== undefined && snapshotter !== driver) {
    throw new OptionError(`storage-driver ${driver} and snapshotter ${snapshotter} contradict`);
  }
  return snapshotter ?? driver ?? DEFAULT_SNAPSHOTTER;
}

function deepFreeze<Value>(value: Value): Value {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
