/** Signals by name and number on Linux (x86-64 and arm64 agree on them). */

const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP ' +
  'TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS';

const RTMIN = 34;
const RTMAX = 64;

const numbers: ReadonlyMap<string, number> = new Map([
  ...NAMES.split(' ').map((name, index): [string, number] => [name, index + 1]),
  ['IOT', 6],
  ['CLD', 17],
  ['POLL', 29],
]);

/** The number of a signal, given as a number or as a name with or without SIG, in any case. */
export function signalNumber(given: string): number | undefined {
  if (/^\+?\d+$/.test(given)) {
    const number = Number(given);
    return number >= 1 && number <= RTMAX ? number : undefined;
  }
  const name = given.toUpperCase().replace(/^SIG/, '');
  const realTime = /^(RTMIN|RTMAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (realTime === null) return numbers.get(name);
  const offset = Number(`${realTime[2] ?? '+'}${realTime[3] ?? '0'}`);
  const number = (realTime[1] === 'RTMIN' ? RTMIN : RTMAX) + offset;
  return number >= RTMIN && number <= RTMAX ? number : undefined;
}

/** Without SIG; undefined for real-time signals and for what is none. */
export const signalName = (signal: number): string | undefined => NAMES.split(' ')[signal - 1];

export const SIGTERM = 15;
export const SIGKILL = 9;
