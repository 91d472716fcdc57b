/** Phrases that the sentences about a container are made of. Pure. */
import type { ExitRecord } from '../../machines/container.facts.ts';
import { signalName } from '../../machines/signals.ts';
import type { Caller } from '../../machines/words.ts';

/** Name of a user of this machine; undefined: it has none. */
export type UserName = (uid: number) => string | undefined;

/** What is known by a number or an id, by name. */
export interface Names {
  readonly user: UserName;
  /** Of a network, also of one that is gone. */
  network(id: string): string | undefined;
}

/** `alice (uid 1000) with /usr/bin/docker`; what is not known is not said. */
export function who(caller: Caller | null, userName: UserName): string {
  if (caller === null) return 'nobody';
  if (caller.kind === 'daemon') return 'the daemon itself';
  const { uid, executable, userAgent, pid } = caller;
  const name = uid === undefined ? undefined : userName(uid);
  const number = uid === undefined ? 'somebody who is not known' : `uid ${uid}`;
  const person = name === undefined ? number : `${name} (uid ${uid})`;
  const tool = executable ?? userAgent;
  const process = pid === undefined ? '' : `, process ${pid}`;
  return tool === undefined ? person : `${person} with ${tool}${process}`;
}

export const signalWords = (signal: number): string => {
  const name = signalName(signal);
  return name === undefined ? `signal ${signal}` : `SIG${name}`;
};

/** `2026-11-29 07:53:04 UTC`. */
export const moment = (ns: bigint): string =>
  new Date(Number(ns / 1_000_000n))
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');

/** By SIGKILL. */
export const KILLED = 137;

export function exitWords({ code, oomKilled, evidence }: ExitRecord, what: string): string {
  if (code === null) return `${what} is gone, and nobody can know its exit code (${evidence})`;
  if (oomKilled && code === KILLED)
    return `the kernel ended ${what} for lack of memory: exit code ${code}`;
  return `${what} ended: exit code ${code}`;
}
