/** How a run ended, and why, in a few sentences. Pure. */
import { healthOf } from './why.health.ts';
import { KILLED, moment, signalWords, who } from './why.phrases.ts';
import { last, type Of, type Told } from './why.told.ts';

const SIGKILL = 9;
/** Exit codes above it mean the signal of the rest. */
const SIGNALLED = 128;
const MOST_SIGNALS = 64;

/** `64 MiB`. */
function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))} ${units[unit]}`;
}

/** How the host or its neighbours took a process with them, as far as it shows. */
function unknownEnd(told: Told, exit: Of<'container.exited'>): string {
  const { name } = told.details;
  const { evidence } = exit.data;
  const unknown =
    'Its exit code is unknown, and nobody can find it out any more (docker shows 255).';
  if (!/boot id differs/.test(evidence)) {
    const when = `at some time before ${moment(exit.atNs)}`;
    return `${name} ended ${when} and left nothing that tells how (${evidence}). ${unknown}`;
  }
  const before = told.daemon.filter(({ position }) => position < exit.position);
  const starts = before.filter(({ type }) => type === 'daemon.started');
  const [previous, present] = starts.slice(-2);
  const inOrder = before.some(
    ({ type, position }) => type === 'daemon.stopped' && position > (previous?.position ?? 0),
  );
  const how = inOrder
    ? 'the host was shut down or restarted'
    : 'the host lost power or crashed, for not even the daemon was told to end,';
  const when = present === undefined ? '' : ` before ${moment(present.atNs)}`;
  return `${name} ended with its host: ${how}${when}, and all that ran on it was gone. ${unknown}`;
}

/** A program that ends on a signal, in its own way, does so within this time. */
const SIGNAL_WORKS_NS = 10_000_000_000n;

const VERBS = {
  'container.stop-requested': 'stop',
  'container.restart-requested': 'restart',
  'container.kill-requested': 'kill',
  'container.remove-requested': 'remove',
} as const;

type Asked = keyof typeof VERBS;

/** The last that asked for an end of the run, if that is what it ended on. */
function askedEnd(told: Told, exit: Of<'container.exited'>): Of<Asked> | undefined {
  const until = { facts: told.facts.filter(({ position }) => position < exit.position) };
  const asked = last(until, ...(Object.keys(VERBS) as Asked[]));
  if (asked === undefined || asked.position < (last(until, 'container.started')?.position ?? 0)) {
    return undefined;
  }
  if (asked.type !== 'container.kill-requested') return asked;
  // Many programs take a signal for something else than their end.
  const isOfSignal = exit.data.code === SIGNALLED + Number(asked.data['signal']);
  return isOfSignal || exit.atNs - asked.atNs < SIGNAL_WORKS_NS ? asked : undefined;
}

/** The signal that was sent to it last in its run, with who wanted it. */
function signalled(told: Told, asked: Of<Asked>): string {
  const by = who(asked.caller, told.names.user);
  const when = moment(asked.atNs);
  const verb = VERBS[asked.type as Asked];
  const late = told.facts.some(
    ({ type, position }) => type === 'container.stop-timed-out' && position > asked.position,
  );
  const signal = Number(asked.data['signal'] ?? SIGKILL);
  const sent = late
    ? ` It did not end on ${signalWords(signal)} in the time it had, so it was killed.`
    : ` It was sent ${signalWords(signal)}.`;
  return `${by} asked to ${verb} it at ${when}.${sent}`;
}

function outOfMemory({ details: { name, hostConfig } }: Told): string {
  const memory = Number(hostConfig['Memory'] ?? 0);
  const limit = memory > 0 ? `, ${size(memory)}` : '';
  return [
    `${name} ran out of memory: it wanted more than it may use${limit},`,
    `and the kernel ended it (exit code ${KILLED}). Nobody asked for that;`,
    'give it more memory (--memory), or find out what uses so much.',
  ].join(' ');
}

/** What shells say by their exit codes. */
const SHELL_SAYS: Readonly<Record<number, string>> = {
  126: 'a shell says so of a command that it may not execute',
  127: 'a shell says so of a command that it does not find',
};

/** What a program may mean by the exit code that it ended with. */
function hint(code: number): string {
  const output = 'its output may tell more (docker logs)';
  const shell = SHELL_SAYS[code];
  if (shell !== undefined) return `${shell}; ${output}`;
  const isSignal = code > SIGNALLED && code <= SIGNALLED + MOST_SIGNALS;
  if (!isSignal) return `that is an error of the program; ${output}`;
  const signal = `that mostly means ${signalWords(code - SIGNALLED)}`;
  return `${signal}, which came from the program itself or from this host, not through this daemon`;
}

/** What was not well with it before it ended. */
function before({ facts }: Told, { position, data }: Of<'container.exited'>): string {
  const health = healthOf(facts.filter((fact) => fact.position < position));
  const sick =
    health?.status === 'unhealthy' ? ` It had been unhealthy since ${moment(health.sinceNs)}.` : '';
  const killed = data.oomKilled
    ? ' Before that, the kernel had killed processes of its for lack of memory.'
    : '';
  return `${killed}${sick}`;
}

export function ended(told: Told, exit: Of<'container.exited'>): string {
  const { name } = told.details;
  const { code, oomKilled } = exit.data;
  if (code === null) return unknownEnd(told, exit);
  if (oomKilled && code === KILLED) return outOfMemory(told);
  const asked = askedEnd(told, exit);
  if (asked !== undefined) {
    return `${name} ended with exit code ${code}, because ${signalled(told, asked)}`;
  }
  if (code === 0) {
    const work = `${name} has done its work: its command ended by itself, with exit code 0.`;
    return `${work}${before(told, exit)}`;
  }
  return `${name} ended by itself with exit code ${code}: ${hint(code)}.${before(told, exit)}`;
}

/** Of one that is removed: a removal by force ends what runs, which needs no words of its own. */
export function endedByRemoval(told: Told, exit: Of<'container.exited'>): string {
  const asked = askedEnd(told, exit);
  if (asked?.type !== 'container.remove-requested') return ` Its last run: ${ended(told, exit)}`;
  return ` It still ran, and was killed (exit code ${exit.data.code ?? 'unknown'}).`;
}
