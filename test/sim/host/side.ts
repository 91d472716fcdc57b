/** The side table of the simulation: it outlives every daemon, and what it keeps is not synced. */
import type { SidePort } from '../../../effects/health/sidePort.ts';
import type { JsonValue } from '../../../machines/words.ts';
import type { SimulatedClock } from '../clock.ts';
import type { Life } from '../life.ts';
import type { Truth } from '../truth.ts';

export class SimulatedSide {
  readonly #kept = new Map<string, Map<string, readonly JsonValue[]>>();
  readonly #clock: SimulatedClock;
  readonly #truth: Truth;

  constructor(clock: SimulatedClock, truth: Truth) {
    this.#clock = clock;
    this.#truth = truth;
  }

  /** Events change no state, and no checker asks for them. */
  port(life: Life): SidePort {
    return {
      note: () => undefined,
      keep: (subject, kind, data, most) => {
        if (life.alive) this.#keep(subject, kind, data, most);
      },
      kept: (subject, kind) => this.#kept.get(subject)?.get(kind) ?? [],
      forget: (subject) => void (life.alive && this.#kept.delete(subject)),
    };
  }

  #keep(subject: string, kind: string, data: JsonValue, most: number): void {
    const kinds = this.#kept.get(subject) ?? new Map<string, readonly JsonValue[]>();
    kinds.set(kind, [...(kinds.get(kind) ?? []), data].slice(-most));
    this.#kept.set(subject, kinds);
    const probe: { exec?: string; run?: number } = Object(data);
    if (kind !== 'health.probe' || !probe.exec) return;
    const container = subject.slice('container/'.length);
    const atMs = this.#clock.nowMs;
    this.#truth.probes.set(probe.exec, { container, run: probe.run ?? 0, atMs });
  }
}
