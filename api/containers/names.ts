/** Names of containers: what is allowed, and what is made up when none is given. */
import { apiError } from '../errors.ts';
import type { Ambient } from '../ports.ts';
import { ADJECTIVES, SURNAMES } from './names.words.ts';

const ALLOWED = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** The name without its leading slash. @throws ApiError */
export function checkedName(given: string, command: 'create' | 'rename'): string {
  const name = given.startsWith('/') ? given.slice(1) : given;
  if (!ALLOWED.test(name)) throw apiError('invalid-name', { name: given, command });
  return name;
}

function pick(words: readonly string[], ambient: Ambient): string {
  return words[Number.parseInt(ambient.randomHex(4), 16) % words.length] ?? words[0] ?? 'a';
}

/** `adjective_surname`, with a digit behind it for each retry. Wozniak is not boring. */
export function generatedName(ambient: Ambient, retry: number): string {
  const name = `${pick(ADJECTIVES, ambient)}_${pick(SURNAMES, ambient)}`;
  if (name === 'boring_wozniak') return generatedName(ambient, retry);
  return retry === 0 ? name : `${name}${Number.parseInt(ambient.randomHex(1), 16) % 10}`;
}

/**
 * Names to try one after the other when the caller gave none: 6 generated ones, then the short id.
 */
export function* candidateNames(ambient: Ambient, id: string): Generator<string> {
  for (let retry = 0; retry <= 5; retry += 1) yield generatedName(ambient, retry);
  yield id.slice(0, 12);
}
