/** Kinds of single options: sizes, limits, addresses. The texts are dockerd's where it has one. */

import { isIP, isIPv4, isIPv6 } from 'node:net';
import { isAbsolute } from 'node:path';
import { OptionError } from '../optionError.ts';
import { cut, type Kind, list, map, objectAt, text, textAt } from './kinds.ts';

/** Without a slash at the end. */
export function absolute(name: string, shown: 'DIR' | 'FILE' = 'DIR'): Kind<string> {
  return text(shown, (path) => {
    if (isAbsolute(path)) return path.replace(/(?<=.)\/+$/, '');
    throw new OptionError(`${name} must be an absolute path: ${JSON.stringify(path)}`);
  });
}

export function oneOf(shown: string, words: readonly string[], wrong: (word: string) => string) {
  return text(shown, (word) => {
    if (words.includes(word)) return word;
    throw new OptionError(wrong(word));
  });
}

const SIZE = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i;

/** `64m`, `1.5GiB`; bytes. Powers of 1024, as docker's. */
export function bytes(given: string): number {
  const [, digits, unit = ''] = SIZE.exec(given.trim()) ?? [];
  if (digits === undefined) throw new OptionError(`invalid size: '${given}'`);
  return Math.floor(Number(digits) * 1024 ** ' kmgtp'.indexOf(unit.toLowerCase() || ' '));
}

/** dockerd's file takes a size as a text alone. */
export const size: Kind<number> = {
  shown: 'BYTES',
  type: 'size as a string',
  fromFile: (value, at) => bytes(textAt(value, at)),
  fromFlags: (texts) => bytes(texts.at(-1) ?? ''),
};

export interface Ulimit {
  readonly Name: string;
  /** -1: unlimited. */
  readonly Hard: number;
  readonly Soft: number;
}

const ULIMITS = new Set(
  [
    ['as', 'core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile'],
    ['nproc', 'rss', 'rtprio', 'rttime', 'sigpending', 'stack'],
  ].flat(),
);

function ulimit(name: string, soft: number, hard: number): Ulimit {
  if (!ULIMITS.has(name)) throw new OptionError(`invalid ulimit type: ${name}`);
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    const why = soft === -1 ? `soft: -1 (unlimited), hard: ${hard}` : `${soft} > ${hard}`;
    throw new OptionError(`ulimit soft limit must be less than or equal to hard limit: ${why}`);
  }
  return { Name: name, Hard: hard, Soft: soft };
}

export const ulimits = map<Ulimit>({
  shown: 'NAME=SOFT[:HARD]',
  type: 'object of {Name, Hard, Soft}',
  fromFile(value, at, name) {
    const given = knownKeys(objectAt(value, at), ['Name', 'Hard', 'Soft'], at);
    const limit = (key: string): number => {
      const found = given[key] ?? 0;
      if (typeof found === 'number' && Number.isSafeInteger(found)) return found;
      throw new OptionError(`${at}.${key} must be a whole number`);
    };
    return ulimit(textAt(given['Name'] ?? name, `${at}.Name`), limit('Soft'), limit('Hard'));
  },
  fromText(given, name) {
    const [soft, hard = soft] = cut(given, ':');
    if (!/^-?\d+$/.test(soft) || !/^-?\d+$/.test(hard)) {
      throw new OptionError(`invalid ulimit argument: ${name}=${given}`);
    }
    return ulimit(name, Number(soft), Number(hard));
  },
});

/** @throws OptionError that names what is not among the keys */
export function knownKeys<Value>(
  given: Readonly<Record<string, Value>>,
  keys: readonly string[],
  at: string,
): Readonly<Record<string, Value>> {
  const unknown = Object.keys(given).filter((key) => !keys.includes(key));
  if (unknown.length === 0) return given;
  const named = unknown.map((key) => `${at}.${key}`).join(', ');
  throw new OptionError(`the following directives don't match any configuration option: ${named}`);
}

export interface AddressPool {
  /** A network in CIDR form, which subnets are cut from. */
  readonly base: string;
  /** Length of the subnets' prefix. */
  readonly size: number;
}

function pool(base: string, prefix: number): AddressPool {
  const network = cidr(base);
  const [address, length] = network.split('/');
  const longest = isIPv4(address ?? '') ? 32 : 128;
  if (!Number.isSafeInteger(prefix) || prefix < Number(length) || prefix > longest) {
    throw new OptionError(`invalid pools subnet size: ${prefix}: not within ${base}`);
  }
  return { base: network, size: prefix };
}

export const pools: Kind<readonly AddressPool[]> = {
  shown: 'base=CIDR,size=N',
  type: 'list of {base, size}',
  fromFile(value, at) {
    if (!Array.isArray(value)) throw new OptionError(`${at} must be a list`);
    return value.map((item: unknown, index) => {
      const where = `${at}[${index}]`;
      const given = knownKeys(objectAt(item, where), ['base', 'size'], where);
      const prefix = given['size'];
      if (typeof prefix !== 'number') throw new OptionError(`${where}.size must be a whole number`);
      return pool(textAt(given['base'], `${where}.base`), prefix);
    });
  },
  fromFlags: (texts) =>
    texts.map((given) => {
      const fields = new Map(given.split(',').map((part) => cut(part, '=')));
      const [base, prefix] = [fields.get('base'), fields.get('size')];
      if (base === undefined || prefix === undefined || fields.size !== 2) {
        throw new OptionError(`invalid option ${JSON.stringify(given)}: use base=CIDR,size=N`);
      }
      return pool(base, Number(prefix));
    }),
};

/** An address with the length of its network's prefix. */
export function cidr(given: string): string {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(given) ?? [];
  const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  if (Number(length) <= longest && length !== '') return given;
  throw new OptionError(`invalid CIDR address: ${given}`);
}

export function address(given: string): string {
  if (isIP(given) !== 0) return given;
  throw new OptionError(`${given} is not an ip address`);
}

export const addresses = list('IP', address);

/** As a resolver takes it; `.` switches the search off. */
export function domain(given: string): string {
  if (given === '.' || /^[\p{L}\d_-]+(\.[\p{L}\d_-]+)*\.?$/u.test(given)) return given;
  throw new OptionError(`${given} is not a valid domain`);
}

export const strings = map<string>({
  shown: 'NAME=VALUE',
  type: 'object of strings',
  fromFile: (value, at) => textAt(value, at),
  fromText: (given) => given,
});
