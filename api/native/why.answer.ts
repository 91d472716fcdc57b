/** Why a container is in its state, in a few sentences; the newest fact that decided it says so. */
import { ended, endedByRemoval } from './why.end.ts';
import { failureWords } from './why.failures.ts';
import { healthOf, healthWords } from './why.health.ts';
import { moment, who } from './why.phrases.ts';
import { last, type Of, type Told } from './why.told.ts';
import { sentence } from './why.words.ts';

type Failed = 'container.start-failed' | 'container.start-refused';

/** One that was refused began no run: who asked stands with it. */
function startFailure(told: Told, failed: Of<Failed>): string {
  const { name } = told.details;
  const asked = last(told, 'container.start-requested');
  const refused = failed.type === 'container.start-refused';
  const caller = refused ? failed.caller : asked?.data.policy ? null : (asked?.caller ?? null);
  const by = caller === null ? 'its restart policy' : who(caller, told.names.user);
  const never = last(told, 'container.started') === undefined;
  const begin = never ? `${name} has never run` : `${name} did not start again`;
  const when = moment((refused ? failed : (asked ?? failed)).atNs);
  return `${begin}: ${by} asked to start it at ${when}, but ${failureWords(failed.data.message)}`;
}

/** Why the last start came to nothing, if it did. */
function failedStart(told: Told): Of<Failed> | undefined {
  const failed = last<Failed>(told, 'container.start-failed', 'container.start-refused');
  const exit = last(told, 'container.exited')?.position ?? 0;
  return failed !== undefined && failed.position > exit ? failed : undefined;
}

/** How the last run ended, or why there was none. */
function lastEnd(told: Told): string {
  const failed = failedStart(told);
  if (failed !== undefined) return startFailure(told, failed);
  const exit = last(told, 'container.exited');
  if (exit !== undefined) return ended(told, exit);
  return `${told.details.name} was never started.`;
}

/** What is not well with one that runs: memory and health. */
function condition({ details: { name, run }, facts }: Told): string {
  const killed = last({ facts }, 'container.oom-killed');
  const memory =
    killed?.data.run === run
      ? ` The kernel has killed ${killed.data.kills} of its processes for lack of memory, ` +
        `the last at ${moment(killed.atNs)}.`
      : '';
  const health = healthOf(facts);
  return `${memory}${health === null ? '' : ` ${healthWords(health, name)}`}`;
}

function runs(told: Told): string {
  const { name, hostConfig } = told.details;
  const asked = last(told, 'container.start-requested');
  const started = last(told, 'container.started', 'container.adopted');
  const since = started === undefined ? '' : ` since ${moment(started.atNs)}`;
  if (asked === undefined) return `${name} runs${since}.${condition(told)}`;
  if (!asked.data.policy) {
    const verb = asked.data.restart ? 'restarted' : 'started';
    const by = who(asked.caller, told.names.user);
    return `${name} runs${since}: ${by} ${verb} it.${condition(told)}`;
  }
  const exit = last(told, 'container.exited');
  const before = exit === undefined ? '' : ` Before that: ${ended(told, exit)}`;
  const count = exit?.data.next?.count ?? 1;
  const again = `its restart policy (${hostConfig.RestartPolicy.Name}) started it again`;
  const often = count > 1 ? `, for the ${ordinal(count)} time` : '';
  return `${name} runs${since}: ${again}${often}.${condition(told)}${before}`;
}

const ENDINGS: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
const RULES = new Intl.PluralRules('en', { type: 'ordinal' });

const ordinal = (count: number): string => `${count}${ENDINGS[RULES.select(count)]}`;

function waitsForRestart(told: Told): string {
  const { name, hostConfig } = told.details;
  const policy = `its restart policy (${hostConfig.RestartPolicy.Name})`;
  const exit = last(told, 'container.exited');
  const next = exit?.data.next;
  if (exit === undefined || !next) return `${name} waits for ${policy}. ${lastEnd(told)}`;
  const due = moment(exit.atNs + BigInt(next.inMs) * 1_000_000n);
  const often = next.count > 1 ? `, for the ${ordinal(next.count)} time` : '';
  return `${name} is down, and ${policy} will start it again at ${due}${often}. ${lastEnd(told)}`;
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
  const by = who(asked.caller, told.names.user);
  return `${name} is paused: ${by} asked for it at ${moment(asked.atNs)}.${condition(told)}`;
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
      : `${who(asked.caller, told.names.user)} asked for it at ${moment(asked.atNs)}`;
  const exit = last(told, 'container.exited');
  const end =
    exit === undefined || failedStart(told) !== undefined
      ? ` ${lastEnd(told)}`
      : endedByRemoval(told, exit);
  return `${began}: ${reason}.${trouble}${end}`;
}

/** A state that passes: somebody asked for something that takes a while. */
function underWay({ details: { name }, facts, names }: Told, state: string): string {
  const asked = facts.findLast(
    ({ type, caller }) => type.startsWith('container.') && caller !== null,
  );
  if (asked === undefined) return `${name} is ${state}: what was asked for is under way.`;
  return `${name} is ${state}: ${sentence(asked, names)}, at ${moment(asked.atNs)}.`;
}

/** Why it is as it is; a phase without words of its own says what it was asked for. */
export function answer(told: Told): string {
  const { name, phase } = told.details;
  const [state = ''] = phase.split('.');
  const created = last(told, 'container.create-requested', 'container.adopt-requested');
  switch (state) {
    case 'created': {
      const failed = failedStart(told);
      if (failed !== undefined) return startFailure(told, failed);
      const by = who(created?.caller ?? null, told.names.user);
      return `${name} was created by ${by} and never started.`;
    }
    case 'running':
      return runs(told);
    case 'paused':
      return paused(told);
    case 'exited':
      return lastEnd(told);
    case 'restarting':
      return waitsForRestart(told);
    case 'removing':
      return removed(told, false);
    case 'removed':
      return removed(told, true);
    default:
      return underWay(told, state);
  }
}
