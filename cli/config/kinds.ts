/**
 * How the value of an option is read: from the configuration file as JSON, from flags as text. Both
 * ways end in the same value, so that nobody has to know where it came from.
 */
import { OptionError } from '../optionError.ts';

export interface Kind<Value> {
  /** What stands behind the flag in the help, e.g. `DIR`; empty: a switch. */
  readonly shown: string;
  /** For the table of options, e.g. `list of strings`. */
  readonly type: string;
  /** @param at the path in the file. @throws OptionError */
  fromFile(value: unknown, at: string): Value;
  /** @param texts one for each time the flag was given, at least one. @throws OptionError */
  fromFlags(texts: readonly string[], flag: string): Value;
}

export type ValueOf<K> = K extends Kind<infer Value> ? Value : never;

/** Says what of a value is wrong by throwing `OptionError`; gives it back in its usual form. */
export type Check<Value> = (value: Value) => Value;

export const asIs = <Value>(value: Value): Value => value;

const last = (texts: readonly string[]): string => texts.at(-1) ?? '';

export function text(shown: string, check: Check<string> = asIs): Kind<string> {
  return {
    shown,
    type: 'string',
    fromFile: (value, at) => check(textAt(value, at)),
    fromFlags: (texts) => check(last(texts)),
  };
}

export function textAt(value: unknown, at: string): string {
  if (typeof value === 'string') return value;
  throw new OptionError(`${at} must be a string`);
}

/** `--debug`, `--debug=false`. */
export function toggle(check: Check<boolean> = asIs): Kind<boolean> {
  return {
    shown: '',
    type: 'true or false',
    fromFile(value, at) {
      if (typeof value === 'boolean') return check(value);
      throw new OptionError(`${at} must be true or false`);
    },
    fromFlags: (texts, flag) => check(boolean(last(texts), flag)),
  };
}

/** The words that Go takes for a truth value, which docker's flags and maps take. */
export function boolean(given: string, flag: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(given)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(given)) return false;
  throw new OptionError(
    `invalid argument ${JSON.stringify(given)} for "--${flag}" flag: ` +
      `strconv.ParseBool: parsing ${JSON.stringify(given)}: invalid syntax`,
  );
}

/** A whole number of at least `least`. */
export function whole(shown: string, least: number, tooSmall: (value: number) => string) {
  const checked = (value: number): number => {
    if (value >= least) return value;
    throw new OptionError(tooSmall(value));
  };
  const kind: Kind<number> = {
    shown,
    type: 'whole number',
    fromFile(value, at) {
      if (typeof value === 'number' && Number.isSafeInteger(value)) return checked(value);
      throw new OptionError(`${at} must be a whole number`);
    },
    fromFlags(texts, flag) {
      const given = last(texts);
      if (/^[+-]?\d{1,15}$/.test(given)) return checked(Number(given));
      const quoted = JSON.stringify(given);
      throw new OptionError(
        `invalid argument ${quoted} for "--${flag}" flag: ` +
          `strconv.ParseInt: parsing ${quoted}: invalid syntax`,
      );
    },
  };
  return kind;
}

export function list(shown: string, check: Check<string> = asIs): Kind<readonly string[]> {
  return {
    shown,
    type: 'list of strings',
    fromFile(value, at) {
      if (!Array.isArray(value)) throw new OptionError(`${at} must be a list of strings`);
      return value.map((item: unknown, index) => check(textAt(item, `${at}[${index}]`)));
    },
    fromFlags: (texts) => texts.map(check),
  };
}

export function objectAt(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new OptionError(`${at} must be an object`);
}

/** An object whose values are all of one sort; as flags `NAME=VALUE`. */
export function map<Value>(how: {
  readonly shown: string;
  readonly type: string;
  fromFile(value: unknown, at: string, name: string): Value;
  fromText(text: string, name: string, flag: string): Value;
}): Kind<Readonly<Record<string, Value>>> {
  return {
    shown: how.shown,
    type: how.type,
    fromFile: (value, at) =>
      Object.fromEntries(
        Object.entries(objectAt(value, at)).map(([name, item]) => [
          name,
          how.fromFile(item, `${at}.${name}`, name),
        ]),
      ),
    fromFlags: (texts, flag) =>
      Object.fromEntries(
        texts.map((given) => {
          const [name, rest] = cut(given, '=');
          return [name, how.fromText(rest ?? '', name, flag)];
        }),
      ),
  };
}

/** Around the first separator; the second is undefined without one. */
export function cut(given: string, separator: string): readonly [string, string | undefined] {
  const at = given.indexOf(separator);
  return at < 0 ? [given, undefined] : [given.slice(0, at), given.slice(at + separator.length)];
}
