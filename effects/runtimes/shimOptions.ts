/**
 * The `options` of a configured runtime as its shim's message: those of runc's by field, those of
 * any other in the generic message, with the whole of them as TOML unless a path is given. So a
 * vendor's documentation for containerd's CRI applies as it stands.
 */
import type { LockedRuntime } from '../../machines/container.config.ts';
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import { RuntimeConfigError } from './runtimeConfigError.ts';
import { toToml } from './toml.ts';

export const RUNC_SHIM = 'io.containerd.runc.v2';

/** A shim without options: what is empty here is not sent. */
export const NO_OPTIONS = { binaryName: '', root: '', systemdCgroup: false } as const;

export interface ShimOptions extends Pick<LockedRuntime, 'options' | 'generic'> {
  /** Keys that the message does not have. */
  readonly ignored: readonly string[];
}

const RUNC_FIELDS = {
  noPivotRoot: 'boolean',
  noNewKeyring: 'boolean',
  shimCgroup: 'string',
  ioUid: 'number',
  ioGid: 'number',
  binaryName: 'string',
  root: 'string',
  systemdCgroup: 'boolean',
  criuImagePath: 'string',
  criuWorkPath: 'string',
} as const;

const WORDS = {
  boolean: 'true or false',
  string: 'a string',
  number: 'a whole number from 0 to 4294967295',
} as const;

/** @throws RuntimeConfigError for a value of the wrong type */
export function shimOptions(name: string, shim: string, given: JsonObject): ShimOptions {
  if (Object.keys(given).length === 0) return { options: NO_OPTIONS, ignored: [] };
  return shim === RUNC_SHIM ? runcOptions(name, given) : genericOptions(name, given);
}

function runcOptions(name: string, given: JsonObject): ShimOptions {
  const fields = Object.entries(RUNC_FIELDS);
  const found: [string, JsonValue][] = [];
  const ignored: string[] = [];
  for (const [key, value] of Object.entries(given)) {
    const field = fields.find(([one]) => one.toLowerCase() === key.toLowerCase());
    if (field === undefined) ignored.push(key);
    else found.push([field[0], checked(name, key, value, field[1])]);
  }
  return { options: { ...NO_OPTIONS, ...Object.fromEntries(found) }, ignored };
}

function checked(name: string, key: string, value: JsonValue, type: keyof typeof WORDS) {
  const fits = type === 'number' ? isUint32(value) : typeof value === type;
  if (fits) return value;
  throw new RuntimeConfigError(`runtime ${name}: options.${key} must be ${WORDS[type]}`);
}

const isUint32 = (value: JsonValue): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;

function genericOptions(name: string, given: JsonObject): ShimOptions {
  const text = (field: string): string => {
    const key = Object.keys(given).find((one) => one.toLowerCase() === field) ?? field;
    const value = given[key] ?? '';
    if (typeof value === 'string') return value;
    throw new RuntimeConfigError(`runtime ${name}: options.${key} must be a string`);
  };
  const configPath = text('configpath');
  const configBody = configPath === '' ? toToml(given) : text('configbody');
  return {
    options: NO_OPTIONS,
    generic: { typeUrl: text('typeurl'), configPath, configBody },
    ignored: [],
  };
}
