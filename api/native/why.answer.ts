/** Why a container is in its state, in a few sentences; the newest fact that decided it says so. */
import type { ContainerFact } from '../../machines/container.facts.ts';
import type { ContainerDetails } from '../../projections/views.ts';
import type { WhyFact } from './ports.ts';
import { signalWords, type UserName, who } from './why.words.ts';

export interface Told {
  readonly details: ContainerDetails;
  readonly facts: readonly WhyFact[];
  /** Of the daemon itself: its starts and ends. */
  readonly daemon: readonly WhyFact[];
  readonly userName: UserName;
}

type Of<T extends ContainerFact['type']> = WhyFact & {
  readonly data: Extract<ContainerFact, { type: T }>['data'];
};

/** The newest fact of one of the types, if there is one. */
function last<T extends ContainerFact['type']>(
  { facts }: Pick<Told, 'facts'>,
  ...types: readonly T[]
): Of<T> | undefined {
  return facts.findLast(({ type }) => types.some((one) => one === type)) as Of<T> | undefined;
}

const moment = (ns: bigint): string =>
  new Date(Number(ns / 1_000_000n))
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');

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

/** What the runtime says of a start that failed, and what that means. */
function failureWords(message: string, argv: readonly string[]): string {
  const program = JSON.stringify(argv[0] ?? '');
  const said = `(The runtime said: ${message})`;
  if (/executable file not found|no such file or directory/i.test(message)) {
    const hint = 'check the command, and that the image has it';
    return `there is no program ${program} in its file system: ${hint}. ${said}`;
  }
  if (/permission denied/i.test(message)) {
    return `${program} may not be executed. ${said}`;
  }
  return message;
}

function startFailure(told: Told, failed: Of<'container.start-failed'>): string {
  const { argv, name } = told.details;
  const asked = last(told, 'container.start-requested');
  const by =
    asked === undefined || asked.data.policy
      ? 'its restart policy'
      : who(asked.caller, told.userName);
  const never = last(told, 'container.started') === undefined;
  const begin = never ? `${name} has never run` : `${name} did not start again`;
  const when = moment(asked?.atNs ?? failed.atNs);
  const what = failureWords(failed.data.message, argv);
  return `${begin}. ${by} asked to start it at ${when}, but ${what}`;
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

/** The signal that was sent to it last in its run, with who wanted it. */
function signalled(told: Told, exit: Of<'container.exited'>): string | undefined {
  const asked = last(
    told,
    'container.stop-requested',
    'container.restart-requested',
    'container.kill-requested',
    'container.remove-requested',
  );
  const started = last(told, 'container.started')?.position ?? 0;
  if (asked === undefined || asked.position < started || asked.position > exit.position)
    return undefined;
  const by = who(asked.caller, told.userName);
  const when = moment(asked.atNs);
  const verb = VERBS[asked.type] ?? 'end';
  const late = told.facts.some(
    ({ type, position }) => type === 'container.stop-timed-out' && position > asked.position,
  );
  const signal = Number(asked.data['signal'] ?? 9);
  const sent = late
    ? ` It did not end on ${signalWords(signal)} in the time it had, so it was killed.`
    : ` It was sent ${signalWords(signal)}.`;
  return `${by} asked to ${verb} it at ${when}.${sent}`;
}

const VERBS: Readonly<Record<string, string>> = {
  'container.stop-requested': 'stop',
  'container.restart-requested': 'restart',
  'container.kill-requested': 'kill',
  'container.remove-requested': 'remove',
};

/** By SIGKILL. */
const KILLED = 137;

function ended(told: Told, exit: Of<'container.exited'>): string {
  const { name, hostConfig } = told.details;
  const { code, oomKilled } = exit.data;
  if (code === null) return unknownEnd(told, exit);
  const memory = Number(hostConfig['Memory'] ?? 0);
  if (oomKilled && code === KILLED) {
    const limit = memory > 0 ? `, ${size(memory)}` : '';
    return [
      `${name} ran out of memory: it wanted more than it may use${limit},`,
      `and the kernel ended it (exit code ${code}). Nobody asked for that;`,
      'give it more memory (--memory), or find out what uses so much.',
    ].join(' ');
  }
  const asked = signalled(told, exit);
  if (asked !== undefined) return `${name} ended with exit code ${code}, because ${asked}`;
  if (code === 0)
    return `${name} has done its work: its command ended by itself, with exit code 0.`;
  const signal = code > 128 && code <= 192 ? code - 128 : null;
  const hint =
    signal === null
      ? 'that is an error of the program; its output may tell more (docker logs)'
      : `that mostly means ${signalWords(signal)}, which nobody sent through this daemon`;
  return `${name} ended by itself with exit code ${code}: ${hint}.`;
}

/** How the last run ended, or why there was none. */
function lastEnd(told: Told): string {
  const failed = last(told, 'container.start-failed');
  const exit = last(told, 'container.exited');
  if (failed !== undefined && failed.position > (exit?.position ?? 0)) {
    return startFailure(told, failed);
  }
  if (exit !== undefined) return ended(told, exit);
  return `${told.details.name} was never started.`;
}

function runs(told: Told): string {
  const { name } = told.details;
  const asked = last(told, 'container.start-requested');
  const started = last(told, 'container.started', 'container.adopted');
  const since = started === undefined ? '' : ` since ${moment(started.atNs)}`;
  if (asked === undefined) return `${name} runs${since}.`;
  if (!asked.data.policy) {
    const verb = asked.data.restart ? 'restarted' : 'started';
    return `${name} runs${since}: ${who(asked.caller, told.userName)} ${verb} it.`;
  }
  const exit = last(told, 'container.exited');
  const before = exit === undefined ? '' : ` Before that: ${ended(told, exit)}`;
  const policy = told.details.hostConfig.RestartPolicy.Name;
  return `${name} runs${since}: its restart policy (${policy}) started it again.${before}`;
}

function paused(told: Told): string {
  const { name } = told.details;
  const fact = last(told, 'container.pause-requested', 'container.paused');
  if (fact === undefined) return `${name} is paused.`;
  if (fact.cause.observation !== undefined) {
    const how = "past this daemon, with containerd's own tools";
    return `${name} is paused: somebody did that ${how}, before ${moment(fact.atNs)}.`;
  }
  const asked = last(told, 'container.pause-requested') ?? fact;
  const by = who(asked.caller, told.userName);
  return `${name} is paused: ${by} asked for it at ${moment(asked.atNs)}.`;
}

function removed(told: Told, over: boolean): string {
  const { name } = told.details;
  const asked = last(told, 'container.remove-requested');
  const began = over ? `${name} is removed` : `${name} is being removed`;
  if (asked === undefined) return `${began}.`;
  const failed = last(told, 'container.remove-failed', 'container.clean-failed');
  const trouble =
    over || failed === undefined || failed.position < asked.position
      ? ''
      : ` It does not work yet: ${failed.data.message}`;
  const reason =
    asked.data.reason === 'auto-remove'
      ? 'it was created to remove itself at its end (--rm)'
      : `${who(asked.caller, told.userName)} asked for it at ${moment(asked.atNs)}`;
  return `${began}: ${reason}.${trouble} Its last run: ${lastEnd(told)}`;
}

/** Why it is as it is; a phase without words of its own says what it was asked for. */
export function answer(told: Told): string {
  const { name, phase } = told.details;
  const [state = ''] = phase.split('.');
  const created = last(told, 'container.create-requested', 'container.adopt-requested');
  switch (state) {
    case 'created': {
      const failed = last(told, 'container.start-failed');
      if (failed !== undefined) return startFailure(told, failed);
      const by = who(created?.caller ?? null, told.userName);
      return `${name} was created by ${by} and never started.`;
    }
    case 'running':
      return runs(told);
    case 'paused':
      return paused(told);
    case 'exited':
      return lastEnd(told);
    case 'restarting': {
      const exit = last(told, 'container.exited');
      const count = exit?.data.next?.count ?? 1;
      const policy = `restart policy ${told.details.hostConfig.RestartPolicy.Name}, time ${count}`;
      return `${name} waits for its restart (${policy}). ${lastEnd(told)}`;
    }
    case 'removing':
      return removed(told, false);
    case 'removed':
      return removed(told, true);
    default:
      return `${name} is ${state}: what was asked for is under way.`;
  }
}
