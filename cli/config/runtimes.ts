/**
 * The option `runtimes`, and what dockerd says of it: the same checks in the same order with the
 * same texts. Whether the options of a shim fit its message is checked by effects/runtimes.
 */
import type { JsonObject } from '../../machines/words.ts';
import { OptionError } from '../optionError.ts';
import { cut, type Kind, map, objectAt, textAt } from './kinds.ts';
import { knownKeys } from './values.ts';

/** One of the file, as it stands there; a flag gives `path` alone. */
export interface GivenRuntime {
  readonly path?: string;
  readonly runtimeArgs?: readonly string[];
  readonly runtimeType?: string;
  readonly options?: JsonObject;
}

export type Runtimes = Readonly<Record<string, GivenRuntime>>;

const KEYS = ['path', 'runtimeArgs', 'runtimeType', 'options'];

function fromFile(value: unknown, at: string): GivenRuntime {
  const given = knownKeys(objectAt(value, at), KEYS, at);
  const { path, runtimeArgs, runtimeType, options } = given;
  const of = <T>(key: string, item: unknown, read: (item: unknown, at: string) => T) =>
    item === undefined || item === null ? {} : { [key]: read(item, `${at}.${key}`) };
  return {
    ...of('path', path, textAt),
    ...of('runtimeArgs', runtimeArgs, textsAt),
    ...of('runtimeType', runtimeType, textAt),
    ...of('options', options, objectAt),
  };
}

function textsAt(value: unknown, at: string): readonly string[] {
  if (!Array.isArray(value)) throw new OptionError(`${at} must be a list of strings`);
  return value.map((item: unknown, index) => textAt(item, `${at}[${index}]`));
}

const inFile = map<GivenRuntime>({
  shown: 'NAME=PATH',
  type: 'object of {path, runtimeArgs} or {runtimeType, options}',
  fromFile,
  fromText: (path) => ({ path }),
});

/** The flag's names are in small letters, as dockerd makes them. */
function fromFlags(texts: readonly string[]): Runtimes {
  const found = new Map<string, GivenRuntime>();
  for (const given of texts) {
    const [rawName, rawPath = ''] = cut(given, '=');
    const [name, path] = [rawName.trim().toLowerCase(), rawPath.trim()];
    if (name === '' || path === '') throw new OptionError(`invalid runtime argument: ${given}`);
    if (found.has(name)) throw new OptionError(`runtime '${name}' was already defined`);
    found.set(name, { path });
  }
  return Object.fromEntries(found);
}

export const runtimes: Kind<Runtimes> = { ...inFile, fromFlags };

const STOCK = ['runc', 'io.containerd.runc.v2'];

/** @throws OptionError with dockerd's text for the first that is wrong */
export function checkRuntimes(given: Runtimes, defaultRuntime: string): void {
  if (Object.hasOwn(given, 'runc')) throw new OptionError("runtime name 'runc' is reserved");
  for (const [name, runtime] of Object.entries(given)) {
    const wrong = wrongIn(runtime);
    if (wrong !== undefined) throw new OptionError(`runtime ${name}: ${wrong}`);
  }
  const known = STOCK.includes(defaultRuntime) || Object.hasOwn(given, defaultRuntime);
  if (known || isPermissible(defaultRuntime)) return;
  throw new OptionError(`specified default runtime '${defaultRuntime}' does not exist`);
}

function wrongIn({ path = '', runtimeArgs = [], runtimeType = '', options }: GivenRuntime) {
  if (path === '' && runtimeType === '') return 'either a runtimeType or a path must be configured';
  if (path !== '') {
    if (runtimeType !== '') {
      return 'cannot configure both path and runtimeType for the same runtime';
    }
    return options !== undefined && Object.keys(options).length > 0
      ? 'options cannot be used with a path runtime'
      : undefined;
  }
  return runtimeArgs.length > 0 ? 'args cannot be used with a runtimeType runtime' : undefined;
}

/** What containerd takes for the name of a shim, not for a path. */
export function isPermissible(name: string): boolean {
  return !name.includes('/') && name.indexOf('.') > 0;
}
