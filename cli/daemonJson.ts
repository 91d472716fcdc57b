/** The configuration file: a JSON object with the names of the flags, each checked for its type. */
import { OptionError } from './optionError.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Options as one source gives them, flags or file; what was not given is absent. */
export interface GivenOptions {
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

export type OptionName = keyof GivenOptions;

const KINDS: Readonly<Record<OptionName, 'text' | 'list' | 'flag'>> = {
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

const WANTED = { text: 'a string', list: 'a list of strings', flag: 'true or false' } as const;

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
  return parsed;
}

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

function hasKind(value: unknown, kind: 'text' | 'list' | 'flag'): boolean {
  if (kind === 'flag') return typeof value === 'boolean';
  if (kind === 'text') return typeof value === 'string';
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
