/** Each fact of a container's life as a sentence that a newcomer understands. Pure. */
import type { ContainerFact, ExitRecord } from '../../machines/container.facts.ts';
import { signalName } from '../../machines/signals.ts';
import type { TaskFact } from '../../machines/task.facts.ts';
import type { Caller } from '../../machines/words.ts';
import type { WhyFact } from './ports.ts';

/** Name of a user of this machine; undefined: it has none. */
export type UserName = (uid: number) => string | undefined;

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

const seconds = (ms: number): string => `${ms / 1000} s`;

/** By SIGKILL. */
const KILLED = 137;

function exitWords({ code, oomKilled, evidence }: ExitRecord): string {
  if (code === null) return `its process is gone, and nobody can know its exit code (${evidence})`;
  if (oomKilled && code === KILLED)
    return `the kernel ended its process for lack of memory: exit code ${code}`;
  return `its process ended: exit code ${code}`;
}

function startWords(data: { run: number; restart: boolean; policy: boolean }, by: string): string {
  if (data.policy) return `its restart policy asked for run ${data.run}`;
  return `${by} asked to ${data.restart ? 'restart' : 'start'} it: run ${data.run}`;
}

function stopWords({ signal, timeoutMs }: { signal: number; timeoutMs: number | null }): string {
  const name = signalWords(signal);
  return timeoutMs === null
    ? name
    : `${name}, and SIGKILL if it still runs after ${seconds(timeoutMs)}`;
}

function removalWords(reason: string, by: string): string {
  if (reason === 'auto-remove') return 'it removes itself, as it was created to (--rm)';
  return reason === 'create-failed'
    ? 'what was made of it is taken away'
    : `${by} asked to remove it`;
}

/** A fact of a kind that has no words here is named by its type. */
export function sentence(stored: WhyFact, userName: UserName): string {
  const by =
    stored.cause.observation === undefined
      ? who(stored.caller, userName)
      : 'somebody, past this daemon,';
  const fact = { type: stored.type, data: stored.data } as ContainerFact | TaskFact;
  switch (fact.type) {
    case 'container.create-requested':
      return `${by} asked for the container ${fact.data.name} of ${fact.data.config.Image}`;
    case 'container.adopt-requested':
      return `${by} asked to take over what somebody else had made`;
    case 'container.created':
      return 'its file system was made';
    case 'container.create-failed':
      return `it could not be made: ${fact.data.message}`;
    case 'container.start-requested':
      return startWords(fact.data, by);
    case 'task.created':
      return `containerd made its process ${fact.data.pid}`;
    case 'container.started':
      return 'its process was started';
    case 'container.start-failed':
    case 'container.start-refused':
      return `it could not be started: ${fact.data.message}`;
    case 'container.stop-requested':
      return `${by} asked to stop it: ${stopWords(fact.data)}`;
    case 'container.restart-requested':
      return `${by} asked to restart it: ${stopWords(fact.data)}`;
    case 'container.stop-timed-out':
      return 'it did not end in time: SIGKILL';
    case 'container.kill-requested':
      return `${by} asked to send it ${signalWords(fact.data.signal)}`;
    case 'container.signalled':
      return `${signalWords(fact.data.signal)} was sent`;
    case 'container.signal-failed':
      return `${signalWords(fact.data.signal)} could not be sent: ${fact.data.message}`;
    case 'container.exited':
      return exitWords(fact.data);
    case 'container.oom-killed':
      return `the kernel has killed ${fact.data.kills} of its processes for lack of memory`;
    case 'container.restart-cancelled':
      return `${by} called off the restart that its policy had planned`;
    case 'container.pause-requested':
      return `${by} asked to pause it`;
    case 'container.paused':
      return stored.cause.observation === undefined ? 'it was paused' : `${by} paused it`;
    case 'container.unpause-requested':
      return `${by} asked to unpause it`;
    case 'container.unpaused':
      return stored.cause.observation === undefined ? 'it was unpaused' : `${by} unpaused it`;
    case 'container.renamed':
      return `${by} renamed it from ${fact.data.oldName} to ${fact.data.name}`;
    case 'container.updated':
      if (fact.data.labels !== undefined) return `${by} changed its labels`;
      return fact.data.restartPolicy === undefined
        ? `${by} changed its limits`
        : `${by} changed its restart policy to ${fact.data.restartPolicy.Name}`;
    case 'container.cleaned':
      return 'what was left of its run was taken away';
    case 'container.clean-failed':
    case 'container.remove-failed':
      return `that did not work: ${fact.data.message}`;
    case 'container.remove-requested':
      return removalWords(fact.data.reason, by);
    case 'container.removed':
      return 'it was removed';
    default:
      return fact.type.replace('.', ': ').replaceAll('-', ' ');
  }
}
