/** Simulated processes: they are made, run as their program says, take signals, and end. */
import { ContainerdError } from '../../../effects/containerd/errors.ts';
import type { Stdio, TaskExit, TaskStatus } from '../../../effects/containerd/types.ts';
import type { SimulatedClock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { ProcessTruth, Truth } from '../truth.ts';
import type { Weather } from '../weather.ts';
import type { Program } from './programs.ts';

const SIGKILL = 9;
/** Pids wrap soon, so that some are used again. */
const PIDS = { first: 100, count: 900 };

export interface Machine {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly truth: Truth;
  readonly weather: Pick<Weather, 'still'>;
  /** The durable end of the log. */
  position(): number;
  /** The last writer of these FIFOs is gone. */
  outputEnded(stdio: Stdio): void;
}

interface Waiter {
  readonly resolve: (exit: TaskExit) => void;
  readonly reject: (error: Error) => void;
}

export class SimulatedProcess {
  readonly truth: ProcessTruth;
  readonly program: Program;
  readonly stdio: Stdio;
  readonly startTime: string;
  status: 'created' | 'running' | 'stopped' = 'created';
  exitedAtNs: bigint | null = null;
  exitStatus = 0;
  frozen = false;
  /** The runtime tried to start it, and could not. */
  startFailed = false;
  readonly #machine: Machine;
  readonly #waiters = new Set<Waiter>();
  /** What ended it while it was frozen. */
  #due: number | null = null;
  #ended: () => void = () => undefined;

  constructor(machine: Machine, truth: ProcessTruth, program: Program, stdio: Stdio) {
    this.#machine = machine;
    this.truth = truth;
    this.program = program;
    this.stdio = stdio;
    this.startTime = String(truth.createdAtMs);
    machine.truth.processes.push(truth);
  }

  /** `ended` is called once, when it has stopped. */
  start(ended: () => void): void {
    const { clock, truth, weather } = this.#machine;
    this.status = 'running';
    this.#ended = ended;
    this.truth.startedAtMs = clock.nowMs;
    truth.say(`world: ${this.#name()} runs`);
    const { lastsMs, code } = this.program;
    if (lastsMs !== null) clock.after(lastsMs, () => weather.still || this.#endsOr(code));
  }

  signal(signal: number): void {
    const { container, run, exec } = this.truth;
    const { clock, random, truth } = this.#machine;
    const position = this.#machine.position();
    truth.signals.push({ container, run, exec, signal, position });
    if (signal !== SIGKILL && this.program.ignoresTerm) return;
    const after = random.below(60) + this.program.stuckMs;
    clock.after(after, () => this.#endsOr(128 + signal));
  }

  /** At once, frozen or not: its shim or the machine took it away. */
  vanish(why: string): void {
    this.truth.lost ??= why;
    this.breakWaits(new ContainerdError('unknown', why));
    if (this.status !== 'running') return;
    this.truth.vanished = true;
    this.#stop(137);
  }

  /** At once, frozen or not. */
  end(code: number): void {
    if (this.status === 'running') this.#stop(code);
  }

  thaw(): void {
    this.frozen = false;
    const due = this.#due;
    this.#due = null;
    if (due !== null) this.#machine.clock.after(1, () => this.#endsOr(due));
  }

  wait(): Promise<TaskExit> {
    if (this.status === 'stopped') return Promise.resolve(this.exit());
    return new Promise((resolve, reject) => void this.#waiters.add({ resolve, reject }));
  }

  breakWaits(error: Error): void {
    for (const { reject } of this.#waiters) reject(error);
    this.#waiters.clear();
  }

  exit(): TaskExit {
    return { exitStatus: this.exitStatus, exitedAtNs: this.exitedAtNs };
  }

  taskStatus(): TaskStatus {
    return this.status === 'running' && this.frozen ? 'paused' : this.status;
  }

  #endsOr(code: number): void {
    if (this.status === 'stopped') return;
    if (this.frozen) this.#due ??= code;
    else this.#stop(code);
  }

  #stop(code: number): void {
    const { clock, truth } = this.#machine;
    this.status = 'stopped';
    this.exitStatus = code;
    this.exitedAtNs = clock.nowNs();
    this.truth.endedAtMs = clock.nowMs;
    this.truth.code = code;
    truth.say(`world: ${this.#name()} ended ${code}`);
    for (const { resolve } of this.#waiters) resolve(this.exit());
    this.#waiters.clear();
    this.#machine.outputEnded(this.stdio);
    this.#ended();
  }

  #name(): string {
    const { container, run, exec, pid } = this.truth;
    return `process ${pid} of ${container}/${run}${exec === null ? '' : ` exec ${exec}`}`;
  }
}

/** All processes of the machine by pid. */
export class ProcessTable {
  readonly #byPid = new Map<number, SimulatedProcess>();
  #next = 0;

  newPid(): number {
    for (;;) {
      const pid = PIDS.first + (this.#next % PIDS.count);
      this.#next += 1;
      if (this.#byPid.get(pid)?.status !== 'running') return pid;
    }
  }

  add(process: SimulatedProcess): void {
    this.#byPid.set(process.truth.pid, process);
  }

  find(pid: number): SimulatedProcess | undefined {
    return this.#byPid.get(pid);
  }
}
