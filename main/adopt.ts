/** Takes what containerd has and the log does not know into the log, as far as it is known. */
import { passCommand } from '../actors/gate.ts';
import { hostConfig } from '../api/containers/hostConfig.ts';
import { refusalError } from '../api/errors.ts';
import type { ReconcileAsked, ReconcileReport } from '../api/native/ports.ts';
import type { RequestInfo } from '../api/ports.ts';
import { MAX_VERSION } from '../api/versions.ts';
import type { ForeignRecord } from '../effects/container/foreign.ts';
import { isContainerdError } from '../effects/containerd/errors.ts';
import { DEFAULT_RUNTIME } from '../effects/runtimes/table.ts';
import type { ContainerCommand } from '../machines/container.commands.ts';
import { containerFamily } from '../machines/container.family.ts';
import { deadlineOf, needsRuntime } from '../machines/container.rules.ts';
import type { Difference } from '../machines/container.seen.ts';
import { type Daemon, worldOf } from './daemon.ts';

type Adoption = Pick<ReconcileReport, 'adopted' | 'notAdopted'>;
type AdoptCommand = Extract<ContainerCommand, { type: 'adopt' }>;

/** What no record tells. */
const UNKNOWN = ['environment', 'output', 'networks', 'volumes', 'limits', 'how to start it again'];
const DOCKER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** One after the other: each is a command like any other, with its refusals. */
export async function adopt(
  daemon: Daemon,
  differences: readonly Difference[],
  asked: ReconcileAsked['adopt'],
  request: RequestInfo,
): Promise<Adoption> {
  const adopted: string[] = [];
  const notAdopted: { readonly id: string; readonly reason: string }[] = [];
  for (const id of asked === 'all' ? adoptable(differences) : asked) {
    const reason = await adoptOne(daemon, id, request);
    if (reason === null) adopted.push(id);
    else notAdopted.push({ id, reason });
  }
  return { adopted, notAdopted };
}

/** A snapshot alone is no container, and a task without a record can not be reached. */
const adoptable = (differences: readonly Difference[]): readonly string[] =>
  differences
    .filter(({ kind }) => kind === 'task-unknown' || kind === 'record-unknown')
    .map(({ subject }) => subject);

/** @returns why not; null: it was adopted. */
async function adoptOne(daemon: Daemon, id: string, request: RequestInfo): Promise<string | null> {
  const record = await foreign(daemon, id);
  if (record === 'away') return 'containerd does not answer';
  if (record === undefined) return 'containerd has no record of that id';
  const command = commandOf(record, daemon);
  const rules = { family: containerFamily, needsRuntime, deadlineMs: deadlineOf };
  const result = await passCommand(daemon.gate, rules, command, request);
  if (result.kind !== 'refused') return null;
  return refusalError(result.refusal, { command: 'adopt', ref: id }).message;
}

async function foreign({ condition }: Daemon, id: string) {
  try {
    return await worldOf(condition).foreign(id);
  } catch (error) {
    if (isContainerdError(error, 'unavailable')) return 'away';
    throw error;
  }
}

/** Only what the record says; every other field has the value that stands for nothing. */
function commandOf(record: ForeignRecord, { host }: Daemon): AdoptCommand {
  const { id, image, args, workingDirectory, hostname, terminal, labels } = record;
  const defaults = {
    defaultRuntime: DEFAULT_RUNTIME,
    cgroupVersion: host.cgroup.version === 1 ? ('1' as const) : ('2' as const),
  };
  const plain = hostConfig(null, defaults, MAX_VERSION);
  return {
    type: 'adopt',
    id,
    name: DOCKER_NAME.test(id) ? id : `adopted-${id}`,
    image: { id: '', chainId: '' },
    config: {
      Hostname: hostname,
      Domainname: '',
      User: '',
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
      Tty: terminal,
      OpenStdin: false,
      StdinOnce: false,
      Cmd: args,
      Entrypoint: null,
      Image: image,
      WorkingDir: workingDirectory,
      Labels: labels,
    },
    hostConfig: {
      ...plain,
      NetworkMode: 'none',
      IpcMode: '',
      ShmSize: 0,
      MaskedPaths: [],
      ReadonlyPaths: [],
      LogConfig: { Type: 'none', Config: {} },
    },
    platform: 'linux',
    unknown: UNKNOWN,
  };
}
