/** The configuration file: a JSON object with the names of the flags, each checked for its type. */
import { type GivenNetworkOptions, NETWORK_KINDS } from './networkOptions.ts';
import { OptionError } from './optionError.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Options as one source gives them, flags or file; what was not given is absent. */
export interface GivenOptions extends GivenNetworkOptions {
  readonly hosts?: readonly string[];
  readonly 'data-root'?: string;
  readonly 'exec-root'?: string;
  readonly containerd?: string;
  readonly snapshotter?: string;
  readonly 'log-level'?: string;
  readonly group?: string;
  readonly pidfile?: string;
  readonly debug?: boolean;
  readonly labels?: readonly string[];
  readonly 'metrics-addr'?: string;
}

const WANTED = {
  text: 'a string',
  list: 'a list of strings',
  flag: 'true or false',
  pools: 'a list of objects with base and size',
} as const;

export type OptionName = keyof GivenOptions;

const KINDS: Readonly<Record<OptionName, keyof typeof WANTED>> = {
  ...NETWORK_KINDS,
  hosts: 'list',
  'data-root': 'text',
  'exec-root': 'text',
  containerd: 'text',
  snapshotter: 'text',
  'log-level': 'text',
  group: 'text',
  pidfile: 'text',
  debug: 'flag',
  labels: 'list',
  'metrics-addr': 'text',
};

export const OPTION_NAMES = Object.keys(KINDS) as readonly OptionName[];

/** Throws `OptionError`, naming the file, for anything that is not exactly known. */
export function parseDaemonJson(path: string, text: string): GivenOptions {
  const fail = (why: string) =>
    new OptionError(`unable to configure the daemon with file ${path}: ${why}`);
  const parsed = parseObject(text);
  if (parsed instanceof Error) throw fail(parsed.message);
  const unknown = Object.keys(parsed).filter((key) => !OPTION_NAMES.some((name) => name === key));
  if (unknown.length > 0) {
    throw fail(
      `the following directives don't match any configuration option: ${unknown.join(', ')}`,
    );
  }
  for (const name of OPTION_NAMES) {
    const value = parsed[name];
    if (value !== undefined && !hasKind(value, KINDS[name])) {
      throw fail(`${name} must be ${WANTED[KINDS[name]]}`);
    }
  }
  const { 'default-address-pools': pools, ...others } = parsed;
  return pools === undefined
    ? others
    : { ...others, 'default-address-pools': (pools as readonly PoolObject[]).map(poolText) };
}

interface PoolObject {
  readonly base: string;
  readonly size: number;
}

/** As the flag gives it. */
const poolText = ({ base, size }: PoolObject): string => `base=${base},size=${size}`;

function parseObject(text: string): Readonly<Record<string, unknown>> | Error {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
    return new Error('it must hold one JSON object');
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function hasKind(value: unknown, kind: keyof typeof WANTED): boolean {
  if (kind === 'pools') return Array.isArray(value) && value.every(isPool);
  if (kind === 'flag') return typeof value === 'boolean';
  if (kind === 'text') return typeof value === 'string';
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isPool(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (
    typeof Reflect.get(value, 'base') === 'string' && Number.isInteger(Reflect.get(value, 'size'))
  );
}
