/**
 * What a container waits for, out of what is open on its agenda: one answer, the step that holds up
 * all others. A container that runs waits for nothing, although its exit is awaited.
 */
import type { HandledEffectType } from './effects.ts';

/** One open row of the agenda, of the container or of its task. */
export interface OpenRow {
  readonly type: string;
  readonly key: string | null;
  readonly openedNs: bigint;
  /** Timers only. */
  readonly dueNs: bigint | null;
  /** Tries in vain since this daemon was started, and what the last one said. */
  readonly tries: number;
  readonly lastError: string | null;
}

export interface Waiting {
  /** Effect, or `timer <key>`. */
  readonly effect: string;
  /** For people. */
  readonly words: string;
  readonly sinceNs: bigint;
  readonly dueNs: bigint | null;
  readonly tries: number;
  readonly lastError: string | null;
}

/** All that a container's commands can be held up by; an exit is awaited as long as it runs. */
type Step = Exclude<
  HandledEffectType,
  'task.await-exit' | `${'exec' | 'health' | 'image' | 'network' | 'volume'}.${string}`
>;

/** Effects that the life of a container goes through, in the words of whoever waits. */
const STEPS: Readonly<Record<Step, string>> = {
  'root.prepare': 'its file system to be made',
  'run.adopt': "containerd's record to be labelled",
  'task.create': 'containerd to make its process',
  'task.start': 'containerd to start its process',
  'task.kill': 'a signal to be sent',
  'task.pause': 'its processes to be frozen',
  'task.resume': 'its processes to be thawed',
  'task.update': 'its limits to be changed',
  'endpoint.attach': 'to be plugged into a network',
  'endpoint.detach': 'to be unplugged from a network',
  'run.record': "containerd's record to be written again",
  'run.clean': 'what is left of its run to be taken away',
  'container.erase': 'its file system and files to be deleted',
};

/** Not the watchers that ride along, such as the deadlines of probes. */
const TIMERS: Readonly<Record<string, string>> = {
  restart: 'its restart by the restart policy',
  retry: 'the next try to take away what is left of it',
  stop: 'its end after the stop signal',
  kill: 'its end after SIGKILL',
};

/** null: it waits for nothing. */
export function waitingOf(phase: string, rows: readonly OpenRow[]): Waiting | null {
  const ordered = [...rows].sort((a, b) => (a.openedNs < b.openedNs ? -1 : 1));
  const step = ordered.find(({ type }) => stepWords(type) !== undefined);
  if (step !== undefined) return waiting(step, step.type, stepWords(step.type) ?? '');
  const timer = ordered.findLast(({ type, key }) => type === 'timer' && (key ?? '') in TIMERS);
  if (timer !== undefined)
    return waiting(timer, `timer ${timer.key}`, TIMERS[timer.key ?? ''] ?? '');
  const exit = ordered.find(({ type }) => type === 'task.await-exit');
  const ending = phase === 'stopping' || phase === 'removing.ending';
  return ending && exit !== undefined ? waiting(exit, exit.type, 'its end') : null;
}

const stepWords = (type: string): string | undefined =>
  type in STEPS ? STEPS[type as Step] : undefined;

function waiting(row: OpenRow, effect: string, words: string): Waiting {
  const { openedNs, dueNs, tries, lastError } = row;
  return { effect, words, sinceNs: openedNs, dueNs, tries, lastError };
}
