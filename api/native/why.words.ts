/** Each fact of a container's life as a sentence that a newcomer understands. Pure. */
import type { ContainerFact } from '../../machines/container.facts.ts';
import type { TaskFact } from '../../machines/task.facts.ts';
import type { WhyFact } from './ports.ts';
import { besideWords } from './why.beside.ts';
import { exitWords, type Names, signalWords, who } from './why.phrases.ts';

const seconds = (ms: number): string => `${ms / 1000} s`;

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

type CreateData = Extract<ContainerFact, { type: 'container.create-requested' }>['data'];

/** Those of no name of their own are called by what they are. */
function withVolumes(volumes: readonly { readonly name: string }[], before: string): string {
  if (volumes.length === 0) return '';
  const names = volumes.map(({ name }) => (/^[0-9a-f]{64}$/.test(name) ? 'unnamed' : name));
  return `${before}the ${volumes.length === 1 ? 'volume' : 'volumes'} ${names.join(', ')}`;
}

function createWords({ name, config, mounts = [] }: CreateData, by: string): string {
  const volumes = withVolumes(
    mounts.flatMap(({ volume }) => volume ?? []),
    ' with ',
  );
  return `${by} asked for the container ${name} of ${config.Image}${volumes}`;
}

/** Its networks, by name; each fact beside what asked for it holds an id. */
function networkWords(
  fact: ContainerFact | TaskFact,
  by: string,
  names: Names,
): string | undefined {
  const network = (id: string): string => `the network ${names.network(id) ?? id}`;
  const failed = (what: string, { network: id, message }: { network: string; message: string }) =>
    `it could not be ${what} ${network(id)}: ${message}`;
  switch (fact.type) {
    case 'container.attachment-added':
      return `${by} put it into ${network(fact.data.attachment.network)}`;
    case 'container.attachment-removed':
      return `${by} took it out of the network ${fact.data.name}`;
    case 'container.connect-requested':
      return `${by} asked to connect it to the network ${fact.data.endpoint.name}`;
    case 'container.connected':
      return `it was connected to ${network(fact.data.network)}`;
    case 'container.connect-failed':
      return failed('connected to', fact.data);
    case 'container.disconnect-requested':
      return `${by} asked to disconnect it from ${network(fact.data.network)}`;
    case 'container.disconnected':
      return `it was disconnected from ${network(fact.data.network)}`;
    case 'container.disconnect-failed':
      return failed('disconnected from', fact.data);
    default:
      return undefined;
  }
}

type UpdatedData = Extract<ContainerFact, { type: 'container.updated' }>['data'];

function updatedWords({ labels, restartPolicy }: UpdatedData, by: string): string {
  if (labels !== undefined) return `${by} changed its labels`;
  return restartPolicy === undefined
    ? `${by} changed its limits`
    : `${by} changed its restart policy to ${restartPolicy.Name}`;
}

/** What is changed of it while it is there, and what did not work. */
function changeWords(fact: ContainerFact | TaskFact, by: string): string | undefined {
  switch (fact.type) {
    case 'container.update-requested':
      return `${by} asked to change its limits`;
    case 'container.update-failed':
      return `its limits could not be changed: ${fact.data.message}`;
    case 'container.pause-failed':
      return `it could not be paused: ${fact.data.message}`;
    case 'container.unpause-failed':
      return `it could not be unpaused: ${fact.data.message}`;
    case 'container.stop-failed':
      return `it could not be stopped: ${fact.data.message}`;
    case 'container.kill-timed-out':
      return 'it did not end on SIGKILL in time; the removal goes on';
    case 'container.record-lost':
      return "somebody deleted containerd's record of it; its process runs on";
    case 'container.record-restored':
      return "containerd's record of it was written again";
    case 'container.record-failed':
      return `containerd's record of it could not be written again: ${fact.data.message}`;
    case 'container.restart-postponed':
      return 'its restart was put off: what it joins did not run yet';
    case 'container.adopted':
      return 'it was taken over';
    case 'container.adopt-failed':
      return `it could not be taken over: ${fact.data.message}`;
    default:
      return undefined;
  }
}

/** A fact of a kind that has no words here is named by its type. */
export function sentence(stored: WhyFact, names: Names): string {
  const seen = stored.cause.observation !== undefined;
  const by = seen ? 'somebody, past this daemon,' : who(stored.caller, names.user);
  return words(stored, by, names) ?? stored.type.replace('.', ': ').replaceAll('-', ' ');
}

function words(stored: WhyFact, by: string, names: Names): string | undefined {
  const fact = { type: stored.type, data: stored.data } as ContainerFact | TaskFact;
  switch (fact.type) {
    case 'container.create-requested':
      return createWords(fact.data, by);
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
      return exitWords(fact.data, 'its process');
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
      return updatedWords(fact.data, by);
    case 'container.cleaned':
      return 'what was left of its run was taken away';
    case 'container.clean-failed':
    case 'container.remove-failed':
      return `that did not work: ${fact.data.message}`;
    case 'container.remove-requested':
      return removalWords(fact.data.reason, by);
    case 'container.removed':
      return `it was removed${withVolumes(fact.data.volumes ?? [], ', and with it ')}`;
    default:
      return networkWords(fact, by, names) ?? changeWords(fact, by) ?? besideWords(stored, by);
  }
}
