/**
 * Actors on a real log with a world of our own making: time moves when the test says so, and each
 * effect does what the test says. `crash` drops the daemon and opens the same log again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Limits } from '../../actors/admission.ts';
import type { ActorPorts, EffectPolicy } from '../../actors/ports.ts';
import { ActorSystem } from '../../actors/system.ts';
import { containerFamily } from '../../machines/container.family.ts';
import { daemonFamily } from '../../machines/daemon.family.ts';
import type { Family } from '../../machines/decision.ts';
import { imageFamily } from '../../machines/image.family.ts';
import { volumeFamily } from '../../machines/volume.family.ts';
import type { EffectResult, JsonObject } from '../../machines/words.ts';
import { type OpenedLog, openLog } from '../../store/log.ts';

export type Answer = EffectResult | Promise<EffectResult>;
export type WorldEffect = (params: JsonObject, signal: AbortSignal) => Answer;

export const ok = (data: JsonObject = {}): EffectResult => ({ ok: true, data });
export const failed = (message: string): EffectResult => ({
  ok: false,
  error: { kind: 'failed', message },
});

/** Virtual milliseconds; callbacks run when `advance` passes them, in order of their due time. */
export class VirtualTime {
  #nowMs = 1_000;
  #timers: { readonly due: number; readonly callback: () => void }[] = [];

  nowNs(): bigint {
    return BigInt(this.#nowMs) * 1_000_000n;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.#nowMs + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  random(): number {
    return 0.5;
  }

  async advance(ms: number): Promise<void> {
    const until = this.#nowMs + ms;
    for (;;) {
      await quiet();
      const next = this.#timers.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.due);
      next.callback();
    }
    this.#nowMs = until;
  }

  /** A crash forgets what was to be called back. */
  forget(): void {
    this.#timers = [];
  }
}

/** Until nothing moves without time moving: several loop turns, for appends are grouped by turn. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Each effect is a class of its own; without limits, unless a test gives some. */
function policyOf(type: string): EffectPolicy {
  if (type === 'task.await-exit') return { deadlineMs: null, lane: 'own', tries: 1, class: type };
  return { deadlineMs: 10_000, lane: 'serial', tries: 3, class: type };
}

export class Harness {
  readonly time = new VirtualTime();
  readonly done: string[] = [];
  readonly stopped: string[] = [];
  /** Boundaries of effects that were passed, `<effect> <boundary>`. */
  readonly boundaries: string[] = [];
  readonly directory = mkdtempSync(join(tmpdir(), 'shiplog-actors-'));
  readonly effects: Record<string, WorldEffect>;
  readonly container: Family;
  readonly limits: Limits;
  /** Ports of the host that somebody listens on, and how often they were read. */
  busyPorts: readonly number[] = [];
  portsRead = 0;
  log: OpenedLog;
  system: ActorSystem;

  constructor(
    effects: Record<string, WorldEffect>,
    container: Family = containerFamily,
    limits: Limits = {},
  ) {
    this.limits = limits;
    this.effects = effects;
    this.container = container;
    this.log = this.#open();
    this.system = this.#boot();
    this.system.start();
  }

  #open(): OpenedLog {
    return openLog({
      path: join(this.directory, 'log.db'),
      clock: this.time,
      projections: [],
      newLogId: () => 'test',
    });
  }

  #boot(): ActorSystem {
    const journal = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const ports: ActorPorts = {
      log: this.log,
      time: this.time,
      journal,
      limits: this.limits,
      busyPorts: () => {
        this.portsRead += 1;
        return this.busyPorts;
      },
      families: [this.container, imageFamily, volumeFamily, daemonFamily],
      probe: (effect, boundary) => void this.boundaries.push(`${effect} ${boundary}`),
      recovered: () => undefined,
      stopped: (stream, _, reason) => void this.stopped.push(`${stream}: ${reason}`),
      effects: {
        policy: policyOf,
        run: async (type, params, _subject, signal) => {
          this.done.push(type);
          const effect = this.effects[type];
          if (effect === undefined) throw new Error(`no effect ${type}`);
          return effect(params, signal);
        },
      },
    };
    const system = new ActorSystem(ports);
    system.load();
    return system;
  }

  /**
   * The daemon dies: whatever it was doing comes to nothing; the log is all that is left.
   * @param meanwhile what happens to the log's file before it is opened again
   */
  async crash(meanwhile: (path: string) => void = () => undefined): Promise<void> {
    this.system.stop();
    this.time.forget();
    await quiet();
    this.log.close();
    meanwhile(join(this.directory, 'log.db'));
    this.log = this.#open();
    this.system = this.#boot();
  }

  types(stream: string): string[] {
    return this.log.readStream(stream).map(({ type }) => type);
  }

  close(): void {
    this.system.stop();
    this.log.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
