/**
 * A daemon that can be stopped at any boundary of an effect, with a container beside the one that
 * is struck: it is to run through all that happens and not to notice.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Failpoint, openFailpoint } from '../support/failpoint.ts';
import { isStopped, signal, within } from '../support/leftovers.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import * as asks from './asks.ts';
import { assertConverges } from './invariants.ts';
import { difference, Inventory, kindsOf } from './inventory.ts';
import type { Operation } from './operation.ts';
import type { Point } from './points.ts';

/** Longest time from the answer of an operation to its last effect. */
const LATE_MS = 5_000;

export class Stage {
  readonly daemon: TemporaryDaemon;
  readonly inventory: Inventory;
  readonly #failpoint: Failpoint;
  readonly #bystander: unknown;
  /** Kinds of what one more image leaves in the world. */
  readonly #load: readonly string[];

  private constructor(parts: {
    readonly failpoint: Failpoint;
    readonly daemon: TemporaryDaemon;
    readonly inventory: Inventory;
    readonly load: readonly string[];
    readonly bystander: unknown;
  }) {
    this.#failpoint = parts.failpoint;
    this.daemon = parts.daemon;
    this.inventory = parts.inventory;
    this.#load = parts.load;
    this.#bystander = parts.bystander;
  }

  static async open(): Promise<Stage> {
    const failpoint = openFailpoint();
    const daemon = await startTemporaryDaemon({ env: failpoint.env });
    const inventory = await Inventory.open(daemon);
    await asks.load(daemon, 'first');
    const one = await inventory.list();
    await asks.load(daemon, 'second');
    const load = kindsOf(difference(one, await inventory.list()));
    await asks.createWith({ Cmd: ['sleep', '3600'] })(daemon, 'bystander');
    await asks.act('start')(daemon, 'bystander');
    await assertConverges(daemon);
    const bystander = await asks.stateOf(daemon, 'bystander');
    return new Stage({ failpoint, daemon, inventory, load, bystander });
  }

  async close(): Promise<void> {
    this.disarm();
    this.goOn();
    this.inventory.close();
    await this.daemon.stop();
    this.#failpoint.remove();
  }

  /** Brings a container to where the operation begins; nothing is under way then. */
  async prepare(operation: Operation, name: string): Promise<void> {
    const { daemon } = this;
    const { from } = operation;
    if (from !== 'absent') {
      await asks.createWith(operation.create)(daemon, name);
      if (from !== 'created') await asks.act('start')(daemon, name);
      if (from === 'paused') await asks.act('pause')(daemon, name);
      if (from === 'exited') await asks.act('kill')(daemon, name);
    }
    await operation.set?.(daemon, name);
    await assertConverges(daemon);
    this.#failpoint.forget();
  }

  /** Boundaries that were passed since the last `prepare`. */
  visits(): readonly string[] {
    return this.#failpoint.visits();
  }

  arm({ visit, n }: Point): void {
    this.#failpoint.arm(`${visit}:${n}`);
  }

  disarm(): void {
    this.#failpoint.disarm();
  }

  /** Whether the daemon stands still before `over` has been resolved for a while. */
  async stands(over: Promise<unknown>): Promise<boolean> {
    let ended = false;
    const late = over.then(() => sleep(LATE_MS, undefined, { ref: false }));
    void late.then(() => {
      ended = true;
    });
    await within(60_000, () => isStopped(this.daemon.pid()) || ended, 4);
    return isStopped(this.daemon.pid());
  }

  goOn(): void {
    signal(this.daemon.pid(), 'SIGCONT');
  }

  /** Within 5 s the world is as it was, and the container beside as if nothing had happened. */
  async assertAtRest(before: readonly string[]): Promise<void> {
    await this.#becomes(before, (found) => found, []);
  }

  /** The same with one more image. */
  async assertLoaded(before: readonly string[]): Promise<void> {
    await this.#becomes(before, kindsOf, this.#load);
  }

  async #becomes(
    before: readonly string[],
    seen: (found: readonly string[]) => readonly string[],
    wanted: readonly string[],
  ): Promise<void> {
    let found: readonly string[] = [];
    await within(5_000, async () => {
      found = difference(before, await this.inventory.list());
      return isDeepStrictEqual(seen(found), wanted);
    });
    assert.deepEqual(seen(found), wanted, found.join('\n'));
    assert.deepEqual(await asks.stateOf(this.daemon, 'bystander'), this.#bystander);
  }
}
