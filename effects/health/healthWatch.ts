/**
 * `health.watch`: probes at its times, for as long as nothing changes, and answers with the first
 * probe that changes the status or the count of failures that leads to one (law 14).
 *
 * Plan: leftovers of a probe whose daemon was killed → wait for the rest of the interval → look →
 *   probe → on record → answer, or again.
 *
 * The times are those on record: after a restart of the daemon, and after each answer, the wait is
 * the rest of what it was. Only a running container is probed, and what a probe found in one that
 * ended or was frozen meanwhile says nothing. Whatever else goes wrong is `unavailable`: the agenda
 * begins the watch again.
 */
import { availableParallelism } from 'node:os';
import type { ProbeVerdict } from '../../machines/health.facts.ts';
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { lookAtRun, type RunSight } from '../container/runRecord.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler, HealthSubject } from '../handler.ts';
import { execLimit } from '../limits.ts';
import { makeTurns, type Turns } from '../system/turns.ts';
import { clean, probe } from './probe.ts';
import { ProbeJournal, type ProbeResult } from './probeJournal.ts';

/**
 * Probes that are being started at a time, for all containers: after a break many are due. As many
 * as of other execs, and one that hangs holds up its own container alone.
 */
const { slots, holdMs } = execLimit(availableParallelism());
const NS_PER_MS = 1_000_000;

export function healthWatch(deps: ContainerDeps): Handler<'health.watch'> {
  const undo = { none: 'it leaves nothing' };
  const row = { deadlineMs: null, lane: 'own', class: 'look', tries: 3, undo } as const;
  const sleep = (ms: number, over: AbortSignal) => deps.system.sleep(ms, over);
  const starts = makeTurns(slots, { ms: holdMs, sleep });
  return defineHandler(row, async ({ subject, signal }) => {
    try {
      return await new Watch(deps, subject, starts, signal).untilChange();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new EffectFailure('unavailable', message, { cause: error });
    }
  });
}

class Watch {
  readonly #deps: ContainerDeps;
  readonly #subject: HealthSubject;
  readonly #starts: Turns;
  readonly #signal: AbortSignal;
  readonly #journal: ProbeJournal;

  constructor(deps: ContainerDeps, subject: HealthSubject, starts: Turns, signal: AbortSignal) {
    this.#starts = starts;
    this.#deps = deps;
    this.#subject = subject;
    this.#signal = signal;
    const { container, run } = subject.health;
    this.#journal = new ProbeJournal(deps.side, { id: container, run });
  }

  async untilChange(): Promise<ProbeVerdict> {
    const sight = await this.#look();
    const left = this.#journal.leftover();
    if (left !== undefined && sight.own !== undefined) await this.#clean(left);
    const startedNs = this.#startedNs(sight);
    let sinceNs = endOf(this.#journal.last()) ?? startedNs;
    for (;;) {
      await this.#rest(sinceNs, startedNs);
      const result = await this.#probe();
      sinceNs = endOf(result) ?? this.#deps.system.nowNs();
      const verdict = result && this.#judged(result, startedNs);
      if (verdict !== undefined) return verdict;
    }
  }

  #look(): Promise<RunSight> {
    const { container, run } = this.#subject.health;
    return lookAtRun(this.#deps.containerd, container, run, { signal: this.#signal });
  }

  #clean(exec: string): Promise<void> {
    const { container } = this.#subject.health;
    return clean(this.#deps, container, exec, this.#journal, this.#signal);
  }

  /** The record is written right before the task is started. */
  #startedNs({ record }: RunSight): bigint {
    const { startedAtNs } = this.#subject.health;
    return startedAtNs !== null
      ? BigInt(startedAtNs)
      : (record?.createdAtNs ?? this.#deps.system.nowNs());
  }

  #inStartPeriod(atNs: bigint, startedNs: bigint): boolean {
    const { status, check } = this.#subject.health;
    const lastedMs = Number(atNs - startedNs) / NS_PER_MS;
    return status === 'starting' && lastedMs < check.startPeriodMs;
  }

  /** What is left of the interval; never more than all of it, whatever the clock says. */
  async #rest(sinceNs: bigint, startedNs: bigint): Promise<void> {
    const { intervalMs, startIntervalMs } = this.#subject.health.check;
    const { system } = this.#deps;
    const now = system.nowNs();
    const whole = this.#inStartPeriod(now, startedNs) ? startIntervalMs : intervalMs;
    const passed = Number(now - sinceNs) / NS_PER_MS;
    await system.sleep(Math.min(Math.max(whole - passed, 0), whole), this.#signal);
  }

  /** Undefined: the container does not run, or did no longer when the probe ended. */
  async #probe(): Promise<ProbeResult | undefined> {
    if (!(await this.#runs())) return undefined;
    const result = await probe(
      this.#deps,
      this.#subject,
      this.#journal,
      this.#starts,
      this.#signal,
    );
    return result.exitCode === 0 || (await this.#runs()) ? result : undefined;
  }

  async #runs(): Promise<boolean> {
    return (await this.#look()).own?.status === 'running';
  }

  /** Puts the result on record; undefined: it changes nothing. */
  #judged(result: ProbeResult, startedNs: bigint): ProbeVerdict | undefined {
    const { status, streak } = this.#subject.health;
    const passed = result.exitCode === 0;
    const excused = this.#inStartPeriod(BigInt(result.startNs), startedNs);
    const before = this.#journal.last()?.streak ?? streak;
    const failures = excused ? before : before + 1;
    this.#journal.keep(result, passed ? 0 : failures);
    const changes = passed
      ? status !== 'healthy' || streak > 0
      : status !== 'unhealthy' && !excused;
    return changes ? { passed, exitCode: result.exitCode, atNs: result.endNs } : undefined;
  }
}

const endOf = (result: { readonly endNs: string } | undefined): bigint | undefined =>
  result === undefined ? undefined : BigInt(result.endNs);
