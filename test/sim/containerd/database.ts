/**
 * Calls of one life of the daemon about what is in the simulated database. A look reads what is
 * there; a change waits for those before it, and is carried out also when its caller has given it
 * up. Whoever comes to the same object then waits for it, as with the real client.
 */
import { LateChanges } from '../../../effects/containerd/lateChanges.ts';
import type { CallOptions } from '../../../effects/containerd/types.ts';
import type { SimulatedClock } from '../clock.ts';
import type { Life } from '../life.ts';
import type { Errors, Wire } from '../wire.ts';
import type { SimulatedContainerd } from './server.ts';

const DEADLINE_MS = 10_000;
const LOOK_LONG_MS = 12_000;
/** The disk may stand still for longer than anybody waits, and tries again. */
const CHANGE_LONG_MS = 60_000;

/** What it is about; null: all of its kind; empty: it may miss what comes late. */
type Name = string | null;

export interface DatabaseDeps {
  readonly server: SimulatedContainerd;
  readonly clock: SimulatedClock;
  readonly life: Life;
  readonly wire: Wire;
  readonly errors: Errors;
  mayFail(name: string): boolean;
}

export interface Database {
  look<T>(name: string, of: Name, options: CallOptions | undefined, act: () => T): Promise<T>;
  change<T>(
    name: string,
    of: string,
    options: CallOptions | undefined,
    act: () => T,
    deadlineMs?: number,
  ): Promise<T>;
}

export function database({ server, clock, life, wire, errors, mayFail }: DatabaseDeps): Database {
  const kinds = new Map<string, LateChanges>();
  const lateOf = (name: string): LateChanges => {
    const kind = name.slice(0, name.indexOf('.'));
    const late = kinds.get(kind) ?? new LateChanges();
    kinds.set(kind, late);
    return late;
  };
  const planOf = (name: string, longMs: number) => ({ name, longMs, mayFail: mayFail(name) });

  /** As long as its caller waits for it. */
  async function until<T>(
    that: Promise<T>,
    name: string,
    { signal, deadlineMs }: CallOptions,
    methodMs: number,
  ): Promise<T> {
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    const ms = deadlineMs === undefined ? methodMs : deadlineMs;
    const abort = (): void => reject(errors.cancelled(name));
    const overdue = (): void => reject(errors.deadline(name, ms ?? 0));
    const cancel = ms === null ? undefined : clock.after(ms, overdue, life);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    try {
      return await Promise.race([givenUp, that]);
    } finally {
      cancel?.();
      signal?.removeEventListener('abort', abort);
    }
  }

  async function turnOf(name: string, of: Name, options: CallOptions, ms: number): Promise<void> {
    const earlier = lateOf(name).over(of);
    if (earlier !== undefined) await until(earlier, name, options, ms);
  }

  return {
    async look(name, of, options = {}, act) {
      await turnOf(name, of, options, DEADLINE_MS);
      const { signal, deadlineMs = DEADLINE_MS } = options;
      return await wire.call({ ...planOf(name, LOOK_LONG_MS), signal, deadlineMs }, async (ms) => {
        if (ms > 0) await clock.delay(ms);
        return act();
      });
    },
    async change(name, of, options = {}, act, methodMs = DEADLINE_MS) {
      await turnOf(name, of, options, methodMs);
      if (options.signal?.aborted === true) throw errors.cancelled(name);
      const plan = { ...planOf(name, CHANGE_LONG_MS), signal: undefined, deadlineMs: null };
      const call = wire.call(plan, (ms) => server.transaction(ms, act));
      return await lateOf(name).answerTo(of, call, (answer) =>
        until(answer, name, options, methodMs),
      );
    },
  };
}
