/**
 * A world to run containers in, at the level of effects: roots, runs and processes that exit when
 * they like. Every call may take its time, fail, be done and its answer lost, or be done and
 * answered long after the daemon gave it up. It keeps what is true, for the checkers to compare
 * the log with.
 */
import type { EffectResult, JsonObject } from '../../machines/words.ts';
import type { SimulatedClock } from './clock.ts';
import type { Random } from './random.ts';

export interface WorldRun {
  status: 'created' | 'running' | 'paused' | 'stopped';
  code: number | null;
  atNs: string | null;
  pending: number | null;
  readonly waiters: ((result: EffectResult) => void)[];
}

export interface WorldContainer {
  prepared: boolean;
  mounted: boolean;
  readonly runs: Map<number, WorldRun>;
}

export interface Trouble {
  /** Chance of each trouble for one call. */
  readonly unavailable: number;
  readonly lostAnswer: number;
  readonly late: number;
  readonly failure: number;
}

const ok = (data: JsonObject = {}): EffectResult => ({ ok: true, data });
const problem = (kind: 'failed' | 'unavailable', message: string): EffectResult => ({
  ok: false,
  error: { kind, message },
});

/** Longer than every deadline of the simulated policies. */
const LATE_MS = 30_000;

export class SimulatedWorld {
  readonly containers = new Map<string, WorldContainer>();
  /** True exit codes by `<id>/<run>`, kept when the run is deleted. */
  readonly exits = new Map<string, number>();
  /** Ids erased and runs cleaned up: a call of a dead daemon that comes later finds no lease. */
  readonly #gone = new Set<string>();
  readonly #clock: SimulatedClock;
  readonly #random: Random;
  #trouble: Trouble;

  constructor(clock: SimulatedClock, random: Random, trouble: Trouble) {
    this.#clock = clock;
    this.#random = random;
    this.#trouble = trouble;
  }

  /** From now on everything works: to see whether all comes to rest. */
  calm(): void {
    this.#trouble = { unavailable: 0, lostAnswer: 0, late: 0, failure: 0 };
  }

  /** One effect, with the trouble that chance has for it. */
  run(type: string, params: JsonObject): Promise<EffectResult> {
    const id = String(params['id']);
    const run = Number(params['run'] ?? 0);
    if (type === 'task.await-exit') return this.#awaitExit(id, run);
    const { unavailable, lostAnswer, late } = this.#trouble;
    const latency = this.#random.below(400);
    const silence = this.#random.chance(late) ? LATE_MS : 0;
    if (this.#random.chance(unavailable)) {
      return this.#later(this.#random.below(50), () =>
        problem('unavailable', 'connection refused'),
      );
    }
    const lost = this.#random.chance(lostAnswer);
    return this.#later(latency, () => this.#act(type, id, run, params)).then((result) => {
      const answer = lost ? problem('unavailable', 'connection reset') : result;
      return silence === 0 ? answer : this.#later(silence, () => answer);
    });
  }

  #later(ms: number, act: () => EffectResult): Promise<EffectResult> {
    return new Promise((resolve) => {
      this.#clock.after(ms, () => resolve(act()), 'world');
    });
  }

  #container(id: string): WorldContainer {
    const known = this.containers.get(id);
    if (known !== undefined) return known;
    const fresh: WorldContainer = { prepared: false, mounted: false, runs: new Map() };
    this.containers.set(id, fresh);
    return fresh;
  }

  #act(type: string, id: string, run: number, params: JsonObject): EffectResult {
    switch (type) {
      case 'root.prepare':
        return this.#prepare(id);
      case 'task.create':
        return this.#create(id, run);
      case 'task.start':
        return this.#start(id, run);
      case 'task.kill':
        return this.#kill(id, run, Number(params['signal']));
      case 'task.pause':
      case 'task.resume':
        return this.#freeze(id, run, type === 'task.pause');
      case 'run.clean':
        return this.#clean(id, run);
      case 'container.erase':
        this.containers.delete(id);
        this.#gone.add(id);
        return ok();
      default:
        throw new Error(`the simulated world knows no ${type}`);
    }
  }

  #prepare(id: string): EffectResult {
    if (this.#random.chance(this.#trouble.failure)) return problem('failed', 'no space left');
    if (this.#gone.has(id)) return problem('failed', 'lease not found');
    this.#container(id).prepared = true;
    return ok({ snapshotter: 'overlayfs' });
  }

  #create(id: string, run: number): EffectResult {
    if (this.#gone.has(id) || this.#gone.has(`${id}/${run}`)) return problem('failed', 'no record');
    const container = this.#container(id);
    if (!container.prepared) return problem('failed', 'no root');
    container.mounted = true;
    if (container.runs.has(run)) return ok({ pid: run + 100, startTime: '1', bootId: 'b' });
    for (const other of container.runs.values()) {
      if (other.status !== 'stopped') return problem('failed', 'an older run lives');
    }
    if (this.#random.chance(this.#trouble.failure)) return problem('failed', 'no such file');
    container.runs.set(run, {
      status: 'created',
      code: null,
      atNs: null,
      pending: null,
      waiters: [],
    });
    return ok({ pid: run + 100, startTime: '1', bootId: 'b' });
  }

  #start(id: string, run: number): EffectResult {
    const task = this.containers.get(id)?.runs.get(run);
    if (task === undefined) return problem('failed', 'no task');
    if (task.status === 'created') {
      if (this.#random.chance(this.#trouble.failure)) return problem('failed', 'exec format error');
      task.status = 'running';
      if (this.#random.chance(0.5)) {
        const code = this.#random.below(4);
        this.#clock.after(this.#random.below(20_000), () => this.#exit(id, run, code), 'world');
      }
    }
    return ok({ pid: run + 100, atNs: null });
  }

  #exit(id: string, run: number, code: number): void {
    const task = this.containers.get(id)?.runs.get(run);
    if (task === undefined || task.status === 'stopped') return;
    if (task.status === 'paused') {
      task.pending = code;
      return;
    }
    task.status = 'stopped';
    task.code = code;
    task.atNs = String(this.#clock.nowNs());
    this.exits.set(`${id}/${run}`, code);
    for (const tell of task.waiters.splice(0)) tell(this.#exitOf(task));
  }

  #exitOf(task: WorldRun): EffectResult {
    const { code, atNs } = task;
    return ok({ code, atNs, oomKilled: false, outputEnded: true, evidence: 'STOPPED' });
  }

  #awaitExit(id: string, run: number): Promise<EffectResult> {
    const task = this.containers.get(id)?.runs.get(run);
    if (task === undefined) {
      const unknown = { code: null, atNs: null, oomKilled: false, outputEnded: false };
      return this.#later(5, () => ok({ ...unknown, evidence: 'no task' }));
    }
    if (task.status === 'stopped') return this.#later(5, () => this.#exitOf(task));
    return new Promise((resolve) => task.waiters.push(resolve));
  }

  #kill(id: string, run: number, signal: number): EffectResult {
    const task = this.containers.get(id)?.runs.get(run);
    if (task === undefined || task.status === 'stopped') {
      return problem('failed', 'process already finished');
    }
    const dies = signal === 9 || this.#random.chance(0.6);
    if (dies) {
      this.#clock.after(this.#random.below(100), () => this.#exit(id, run, 128 + signal), 'world');
    }
    return ok();
  }

  #freeze(id: string, run: number, freeze: boolean): EffectResult {
    const task = this.containers.get(id)?.runs.get(run);
    if (task === undefined || task.status === 'stopped') return problem('failed', 'not running');
    if (task.status === 'created') return problem('failed', 'not started');
    task.status = freeze ? 'paused' : 'running';
    if (!freeze && task.pending !== null) {
      const code = task.pending;
      task.pending = null;
      this.#clock.after(1, () => this.#exit(id, run, code), 'world');
    }
    return ok();
  }

  #clean(id: string, run: number): EffectResult {
    const container = this.containers.get(id);
    const task = container?.runs.get(run);
    if (task !== undefined && task.status !== 'stopped') {
      if (task.status !== 'created') {
        task.status = 'running';
        this.#exit(id, run, 137);
      }
    }
    if (container !== undefined) container.mounted = false;
    container?.runs.delete(run);
    this.#gone.add(`${id}/${run}`);
    return ok();
  }
}
