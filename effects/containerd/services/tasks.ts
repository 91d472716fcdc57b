/** Tasks: the processes of containers, and the execs in them. */
import { encodeProcess, encodeResources, toWireAny } from '../any.ts';
import type { Channel } from '../channel.ts';
import { method } from '../proto.ts';
import type { WireTimestamp } from '../timestamps.ts';
import { toNs } from '../timestamps.ts';
import type {
  CallOptions,
  DeletedTask,
  NewExec,
  NewTask,
  ProcessRef,
  TaskExit,
  TaskProcess,
  TaskStatus,
} from '../types.ts';
import { fromMount } from '../wire.ts';

type WireStatus = 'UNKNOWN' | 'CREATED' | 'RUNNING' | 'STOPPED' | 'PAUSED' | 'PAUSING';

interface WireProcess {
  readonly container_id: string;
  readonly id: string;
  readonly pid: number;
  readonly status: WireStatus;
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
  readonly exit_status: number;
  readonly exited_at: WireTimestamp | null;
}

interface WireExit {
  readonly exit_status: number;
  readonly exited_at: WireTimestamp | null;
}

type WireDeleted = WireExit & { readonly id: string; readonly pid: number };

export interface Tasks {
  /** The FIFOs must have their readers before this. Deadline 60 s by default. */
  create(task: NewTask, options?: CallOptions): Promise<{ readonly pid: number }>;
  start(process: ProcessRef, options?: CallOptions): Promise<{ readonly pid: number }>;
  /** Gives the exit of the container's process and forgets it; refused while it runs. */
  delete(containerId: string, options?: CallOptions): Promise<DeletedTask>;
  deleteProcess(process: Required<ProcessRef>, options?: CallOptions): Promise<DeletedTask>;
  get(process: ProcessRef, options?: CallOptions): Promise<TaskProcess>;
  list(options?: CallOptions): Promise<TaskProcess[]>;
  kill(
    target: ProcessRef & { readonly signal: number; readonly all?: boolean | undefined },
    options?: CallOptions,
  ): Promise<void>;
  /** Resolves when the process has ended, however long that takes: no deadline by default. */
  wait(process: ProcessRef, options?: CallOptions): Promise<TaskExit>;
  pause(containerId: string, options?: CallOptions): Promise<void>;
  resume(containerId: string, options?: CallOptions): Promise<void>;
  /** Only adds the process; `start` runs it. */
  exec(exec: NewExec, options?: CallOptions): Promise<void>;
  /** Columns and lines. */
  resizePty(
    target: ProcessRef & { readonly width: number; readonly height: number },
    options?: CallOptions,
  ): Promise<void>;
  /** Lets the process see the end of its stdin, once the FIFO's writer is closed. */
  closeIO(process: ProcessRef, options?: CallOptions): Promise<void>;
  /** In the host's pid namespace. */
  listPids(containerId: string, options?: CallOptions): Promise<number[]>;
  /** @param resources OCI runtime `linux.resources`. */
  update(containerId: string, resources: object, options?: CallOptions): Promise<void>;
}

const of = (name: string) => method('tasks.v1.Tasks', name);
const createDeadlineMs = 60_000;
/** Deleting a task waits up to 10 s for its output and about 2 s for one that was never started. */
const deleteDeadlineMs = 30_000;

const statuses: Readonly<Record<WireStatus, TaskStatus>> = {
  UNKNOWN: 'unknown',
  CREATED: 'created',
  RUNNING: 'running',
  STOPPED: 'stopped',
  PAUSED: 'paused',
  PAUSING: 'pausing',
};

export function tasks(channel: Channel): Tasks {
  return { ...lifecycle(channel), ...processes(channel), ...controls(channel) };
}

function lifecycle(channel: Channel): Pick<Tasks, 'create' | 'start' | 'get' | 'list' | 'wait'> {
  return {
    async create(task, options) {
      const request = {
        container_id: task.containerId,
        rootfs: task.rootfs.map(fromMount),
        stdin: task.stdin,
        stdout: task.stdout,
        stderr: task.stderr,
        terminal: task.terminal,
        options: toWireAny(task.options),
      };
      type Answer = { readonly pid: number };
      const answer = await channel.unary<Answer>(of('Create'), request, options, createDeadlineMs);
      return { pid: answer.pid };
    },
    async start(process, options) {
      type Answer = { readonly pid: number };
      return {
        pid: (await channel.unary<Answer>(of('Start'), ref(process), options, 30_000)).pid,
      };
    },
    async get(process, options) {
      type Answer = { readonly process: WireProcess };
      return fromProcess((await channel.unary<Answer>(of('Get'), ref(process), options)).process);
    },
    async list(options) {
      type Answer = { readonly tasks: readonly WireProcess[] };
      return (await channel.unary<Answer>(of('List'), {}, options)).tasks.map(fromProcess);
    },
    async wait(process, options) {
      return fromExit(await channel.unary<WireExit>(of('Wait'), ref(process), options, null));
    },
  };
}

function processes(
  channel: Channel,
): Pick<Tasks, 'delete' | 'deleteProcess' | 'exec' | 'resizePty' | 'closeIO' | 'listPids'> {
  return {
    async delete(containerId, options) {
      const request = { container_id: containerId };
      return fromDeleted(await channel.unary(of('Delete'), request, options, deleteDeadlineMs));
    },
    async deleteProcess(process, options) {
      return fromDeleted(
        await channel.unary(of('DeleteProcess'), ref(process), options, deleteDeadlineMs),
      );
    },
    async exec(exec, options) {
      const request = {
        container_id: exec.containerId,
        exec_id: exec.execId,
        stdin: exec.stdin,
        stdout: exec.stdout,
        stderr: exec.stderr,
        terminal: exec.terminal,
        spec: toWireAny(encodeProcess(exec.spec)),
      };
      await channel.unary(of('Exec'), request, options);
    },
    async resizePty(target, options) {
      const request = { ...ref(target), width: target.width, height: target.height };
      await channel.unary(of('ResizePty'), request, options);
    },
    async closeIO(process, options) {
      await channel.unary(of('CloseIO'), { ...ref(process), stdin: true }, options);
    },
    async listPids(containerId, options) {
      type Answer = { readonly processes: readonly { readonly pid: number }[] };
      const request = { container_id: containerId };
      const answer = await channel.unary<Answer>(of('ListPids'), request, options);
      return answer.processes.map((process) => process.pid);
    },
  };
}

function controls(channel: Channel): Pick<Tasks, 'kill' | 'pause' | 'resume' | 'update'> {
  return {
    async kill(target, options) {
      const request = { ...ref(target), signal: target.signal, all: target.all ?? false };
      await channel.unary(of('Kill'), request, options);
    },
    async pause(containerId, options) {
      await channel.unary(of('Pause'), { container_id: containerId }, options);
    },
    async resume(containerId, options) {
      await channel.unary(of('Resume'), { container_id: containerId }, options);
    },
    async update(containerId, resources, options) {
      const payload = toWireAny(encodeResources(resources));
      await channel.unary(of('Update'), { container_id: containerId, resources: payload }, options);
    },
  };
}

function ref(process: ProcessRef): { container_id: string; exec_id: string } {
  return { container_id: process.containerId, exec_id: process.execId ?? '' };
}

function fromProcess(wire: WireProcess): TaskProcess {
  return {
    id: wire.id,
    pid: wire.pid,
    status: statuses[wire.status] ?? 'unknown',
    stdin: wire.stdin,
    stdout: wire.stdout,
    stderr: wire.stderr,
    terminal: wire.terminal,
    ...fromExit(wire),
  };
}

function fromExit(wire: WireExit): TaskExit {
  return { exitStatus: wire.exit_status, exitedAtNs: toNs(wire.exited_at) };
}

function fromDeleted(wire: WireDeleted): DeletedTask {
  return { id: wire.id, pid: wire.pid, ...fromExit(wire) };
}
