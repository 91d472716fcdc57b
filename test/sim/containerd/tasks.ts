/**
 * The simulated task service with its shims. What the shim refuses comes as `unknown` with
 * containerd 1.6's text, as handlers see it. Calls return when they are done; those that take
 * their time return a promise.
 */
import { decodeMessage } from '../../../effects/containerd/any.ts';
import { ContainerdError } from '../../../effects/containerd/errors.ts';
import type {
  ContainerRecord,
  DeletedTask,
  NewExec,
  NewTask,
  ProcessRef,
  Stdio,
  TaskExit,
  TaskProcess,
} from '../../../effects/containerd/types.ts';
import type { MetadataService } from './metadata.ts';
import { type Machine, ProcessTable, SimulatedProcess } from './processes.ts';
import { argsOfProcess, argsOfSpec, programOf, volumesOfSpec } from './programs.ts';
import { refuse } from './state.ts';

export interface ShimHost extends Machine {
  /** Whether somebody reads the FIFO; opening it without a reader blocks. */
  hasReader(path: string): boolean;
  /** What the OCI runtime keeps of a container, as a file. */
  readonly runtimeState: {
    exists(directory: string): boolean;
    write(directory: string, text: string): void;
    remove(directory: string): void;
  };
  readonly volumes: {
    exists(directory: string): boolean;
    /** A process leaves a file there. */
    write(directory: string, file: string): void;
  };
  publish(topic: string, fields: object): void;
}

interface Task {
  readonly id: string;
  readonly init: SimulatedProcess;
  readonly execs: Map<string, SimulatedProcess>;
  readonly stateDirectory: string;
  /** The shim is dead and containerd has not cleaned up after it yet. */
  gone: boolean;
}

const CLOSED = 'ttrpc: closed: unknown';
const RUNTIME_MS = 40;

export class TaskService {
  readonly tasks = new Map<string, Task>();
  readonly processes = new ProcessTable();
  /** Ids for which a shim was started and no task has come of it yet. */
  readonly shims = new Map<string, object>();
  readonly #metadata: MetadataService;
  readonly #host: ShimHost;
  #epoch = 0;

  constructor(metadata: MetadataService, host: ShimHost) {
    this.#metadata = metadata;
    this.#host = host;
  }

  async create(wanted: NewTask, lateMs = 0): Promise<{ pid: number }> {
    const id = wanted.containerId;
    const record = this.#metadata.getRecord(id);
    if (this.tasks.has(id) || this.shims.has(id)) {
      refuse('already-exists', `task ${id}: already exists`);
    }
    const epoch = this.#epoch;
    const shim = {};
    this.shims.set(id, shim);
    await this.#opened(wanted);
    await this.#host.clock.delay(RUNTIME_MS + lateMs);
    // containerd died meanwhile: its shim and what the runtime made stay, and nobody's task.
    const directory = stateDirectoryOf(record);
    if (epoch !== this.#epoch) {
      if (this.shims.get(id) === shim) this.#host.runtimeState.write(directory, '{}');
      return refuse('unavailable', 'transport is closing');
    }
    // Somebody deleted what was not there yet.
    if (this.shims.get(id) !== shim) refuse('unknown', CLOSED);
    this.shims.delete(id);
    const init = this.#made(record, wanted, directory);
    this.tasks.set(id, { id, init, execs: new Map(), stateDirectory: directory, gone: false });
    this.#host.publish('/tasks/create', { containerId: id, pid: init.truth.pid });
    return { pid: init.truth.pid };
  }

  #made(record: ContainerRecord, stdio: Stdio, directory: string): SimulatedProcess {
    const program = programOf(argsOfSpec(record.spec));
    const failed = 'failed to create shim task: OCI runtime create failed: ';
    if (this.#host.runtimeState.exists(directory)) {
      refuse('unknown', `${failed}container with given ID already exists: unknown`);
    }
    if (program.missing) {
      const why = `exec: "${program.name}": stat ${program.name}: no such file or directory`;
      refuse('unknown', `${failed}runc create failed: unable to start container process: ${why}`);
    }
    const gone = volumesOfSpec(record.spec).find((path) => !this.#host.volumes.exists(path));
    if (gone !== undefined) refuse('unknown', `${failed}mount ${gone}: volume is not there`);
    const init = this.#process(record, null, argsOfSpec(record.spec), stdio);
    const { pid } = init.truth;
    const state = { init_process_pid: pid, init_process_start: init.startTime };
    this.#host.runtimeState.write(directory, JSON.stringify(state));
    return init;
  }

  #process(
    record: ContainerRecord,
    exec: string | null,
    args: readonly string[],
    { stdin, stdout, stderr, terminal }: Stdio,
  ): SimulatedProcess {
    const truth = {
      container: record.id,
      run: Number(record.labels['shiplog.run'] ?? 0),
      exec,
      pid: this.processes.newPid(),
      createdAtMs: this.#host.clock.nowMs,
      position: this.#host.position(),
      startedAtMs: null,
      endedAtMs: null,
      code: null,
      lost: null,
      vanished: false,
      volumes: exec === null ? volumesOfSpec(record.spec) : [],
    };
    const stdio = { stdin, stdout, stderr, terminal };
    const process = new SimulatedProcess(this.#host, truth, programOf(args), stdio);
    this.processes.add(process);
    return process;
  }

  /** A FIFO without a reader keeps the shim waiting, for as long as the caller likes. */
  async #opened({ stdout, stderr }: Stdio): Promise<void> {
    const paths = [stdout, stderr].filter((path) => path !== '');
    const epoch = this.#epoch;
    while (!paths.every((path) => this.#host.hasReader(path))) {
      if (epoch !== this.#epoch) return;
      await this.#host.clock.delay(500);
    }
  }

  start(ref: ProcessRef): { pid: number } {
    const task = this.#reach(ref.containerId);
    const process = this.#processOf(task, ref.execId);
    const exec = process.truth.exec;
    if (process.status === 'running') refuse('unknown', 'cannot start a running process: unknown');
    if (process.status === 'stopped') refuse('unknown', 'cannot start a stopped process: unknown');
    if (exec !== null && process.startFailed) {
      // The shim does not survive this (containerd 1.6).
      this.shimDies(task.id);
      refuse('unknown', CLOSED);
    }
    if (exec !== null && task.init.status !== 'running') {
      refuse('unknown', 'cannot exec in a stopped state: unknown');
    }
    if (process.program.unstartable || (exec !== null && process.program.missing)) {
      process.startFailed = true;
      const what = exec === null ? 'start' : 'exec';
      refuse('unknown', `OCI runtime ${what} failed: no such file or directory: unknown`);
    }
    process.frozen = exec !== null && task.init.frozen;
    process.start(() => this.#ended(task, process));
    const { run, volumes } = process.truth;
    for (const path of volumes) this.#host.volumes.write(path, `${task.id}.${run}`);
    const { pid } = process.truth;
    const topic = exec === null ? '/tasks/start' : '/tasks/exec-started';
    this.#host.publish(topic, { containerId: task.id, execId: exec ?? '', pid });
    return { pid };
  }

  #ended(task: Task, process: SimulatedProcess): void {
    const { exec, pid } = process.truth;
    const { exitStatus, exitedAtNs } = process;
    const id = exec ?? task.id;
    const fields = { containerId: task.id, id, pid, exitStatus, exitedAtNs };
    this.#host.publish('/tasks/exit', fields);
    if (exec !== null) return;
    // The kernel ends them with their namespace, whatever they are at.
    for (const other of task.execs.values()) other.end(137);
  }

  async delete(id: string): Promise<DeletedTask> {
    const record = this.#metadata.getRecord(id);
    const task = this.tasks.get(id);
    if (task === undefined) {
      // Whatever shim was left over is ended by this.
      this.shims.delete(id);
      this.#later(() => this.#forgetRuntime(stateDirectoryOf(record)));
      return refuse('not-found', `task ${id}: not found`);
    }
    const { init } = this.#reach(id);
    const status = init.taskStatus();
    if (status === 'running' || status === 'paused') {
      refuse('unknown', `cannot delete a ${status} process: unknown`);
    }
    if (status === 'created') await this.#host.clock.delay(2_000);
    this.tasks.delete(id);
    for (const exec of task.execs.values()) {
      exec.breakWaits(new ContainerdError('unknown', CLOSED));
    }
    this.#forgetRuntime(task.stateDirectory);
    const { pid } = init.truth;
    this.#host.publish('/tasks/delete', { containerId: id, id, pid, ...init.exit() });
    return { id, pid, ...init.exit() };
  }

  deleteProcess({ containerId, execId }: Required<ProcessRef>): DeletedTask {
    const task = this.#reach(containerId);
    const process = this.#processOf(task, execId);
    if (process.status === 'running') refuse('unknown', 'cannot delete a running process: unknown');
    task.execs.delete(execId ?? '');
    return { id: execId ?? '', pid: process.truth.pid, ...process.exit() };
  }

  get(ref: ProcessRef): TaskProcess {
    const task = this.#reach(ref.containerId);
    return shown(task.id, this.#processOf(task, ref.execId));
  }

  list(): TaskProcess[] {
    const alive = [...this.tasks.values()].filter(({ gone }) => !gone);
    return alive.map(({ id, init }) => shown(id, init));
  }

  kill({ containerId, execId, signal }: ProcessRef & { readonly signal: number }): void {
    const process = this.#processOf(this.#reach(containerId), execId);
    if (process.status === 'stopped') {
      refuse('not-found', 'process already finished: not found');
    }
    process.signal(signal);
  }

  wait(ref: ProcessRef): Promise<TaskExit> {
    return this.#processOf(this.#reach(ref.containerId), ref.execId).wait();
  }

  pause(id: string): void {
    const task = this.#reach(id);
    const status = task.init.taskStatus();
    if (status !== 'running') refuse('unknown', `cannot pause a ${status} container: unknown`);
    for (const process of [task.init, ...task.execs.values()]) process.frozen = true;
    this.#host.publish('/tasks/paused', { containerId: id });
  }

  resume(id: string): void {
    const task = this.#reach(id);
    const status = task.init.taskStatus();
    if (status !== 'paused') refuse('unknown', `cannot resume a ${status} container: unknown`);
    for (const process of [task.init, ...task.execs.values()]) process.thaw();
    this.#host.publish('/tasks/resumed', { containerId: id });
  }

  exec({ containerId, execId, spec, ...stdio }: NewExec): void {
    const task = this.#reach(containerId);
    if (task.execs.has(execId)) refuse('already-exists', `id ${execId}: already exists`);
    const status = task.init.taskStatus();
    if (status === 'stopped') refuse('unknown', 'cannot exec in a stopped state: unknown');
    if (status === 'paused') refuse('unknown', 'cannot exec in a paused state: unknown');
    const record = this.#metadata.getRecord(containerId);
    task.execs.set(execId, this.#process(record, execId, argsOfProcess(spec), stdio));
    this.#host.publish('/tasks/exec-added', { containerId, execId });
  }

  /** Sizes and ends of input, which change nothing that is simulated. */
  touch(ref: ProcessRef): void {
    this.#processOf(this.#reach(ref.containerId), ref.execId);
  }

  listPids(id: string): number[] {
    const { init, execs } = this.#reach(id);
    const running = [init, ...execs.values()].filter(({ status }) => status !== 'stopped');
    return running.map(({ truth }) => truth.pid);
  }

  /** SIGKILL for the shim: its processes go with it, and containerd invents an exit for them. */
  shimDies(id: string): void {
    const task = this.tasks.get(id);
    if (task === undefined || task.gone) return;
    task.gone = true;
    this.#host.truth.trouble(`the shim of ${id} died`);
    for (const process of [task.init, ...task.execs.values()]) process.vanish(CLOSED);
    this.#later(() => {
      if (this.tasks.get(id) === task) this.tasks.delete(id);
      const { pid } = task.init.truth;
      const fields = { containerId: id, id, pid, exitStatus: 137, exitedAtNs: null };
      this.#host.publish('/tasks/exit', fields);
      this.#later(() => this.#forgetRuntime(task.stateDirectory));
    });
  }

  /** @param reaps as containerd does from 1.7 on: tasks whose process is gone are forgotten */
  restarted(reaps: boolean): void {
    this.#epoch += 1;
    for (const task of [...this.tasks.values()]) {
      for (const process of [task.init, ...task.execs.values()]) {
        process.breakWaits(new ContainerdError('unavailable', 'transport is closing'));
      }
      if (!reaps || task.init.status !== 'stopped') continue;
      task.init.truth.lost ??= 'reaped by containerd';
      for (const exec of task.execs.values()) exec.truth.lost ??= 'reaped by containerd';
      this.tasks.delete(task.id);
      this.#forgetRuntime(task.stateDirectory);
    }
  }

  #later(act: () => void): void {
    this.#host.clock.after(this.#host.random.below(700), act);
  }

  #forgetRuntime(directory: string): void {
    this.#host.runtimeState.remove(directory);
  }

  #reach(id: string): Task {
    this.#metadata.getRecord(id);
    const task = this.tasks.get(id);
    if (task === undefined) return refuse('not-found', `task ${id}: not found`);
    if (task.gone) refuse('unknown', CLOSED);
    return task;
  }

  #processOf(task: Task, execId = ''): SimulatedProcess {
    if (execId === '') return task.init;
    return task.execs.get(execId) ?? refuse('not-found', `process ${execId}: not found`);
  }
}

function shown(id: string, process: SimulatedProcess): TaskProcess {
  const { truth, stdio, exitStatus, exitedAtNs } = process;
  const status = process.taskStatus();
  return { id: truth.exec ?? id, pid: truth.pid, status, ...stdio, exitStatus, exitedAtNs };
}

function stateDirectoryOf({ id, runtime }: ContainerRecord): string {
  const options = runtime.options === null ? {} : decodeMessage(runtime.options);
  const root: unknown = Object(options)['root'];
  const base = typeof root === 'string' && root !== '' ? root : '/run/containerd/runc';
  return `${base}/sim/${id}`;
}
