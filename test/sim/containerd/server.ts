/**
 * A simulated containerd: metadata, tasks with their shims, events. It outlives the daemon, goes
 * away and comes back, and has one namespace.
 */
import { ContainerdError } from '../../../effects/containerd/errors.ts';
import type { Weather } from '../weather.ts';
import { Neighbour } from '../wire.ts';
import { EventBus } from './events.ts';
import { MetadataService } from './metadata.ts';
import type { Machine } from './processes.ts';
import { emptyMetadata, type Metadata } from './state.ts';
import { type ShimHost, TaskService } from './tasks.ts';

export interface ServerHost extends Machine, Omit<ShimHost, 'publish'> {
  readonly weather: Weather;
}

export class SimulatedContainerd {
  readonly state: Metadata = emptyMetadata();
  readonly metadata: MetadataService;
  readonly tasks: TaskService;
  readonly events: EventBus;
  readonly neighbour = new Neighbour();
  readonly #host: ServerHost;
  /** As containerd does from 1.7 on. */
  readonly #reaps: boolean;
  #stalledUntilMs = 0;
  #restarts = 0;

  constructor(host: ServerHost, reaps: boolean) {
    this.#host = host;
    this.#reaps = reaps;
    const { clock, weather } = host;
    this.metadata = new MetadataService(this.state, () => clock.nowNs());
    this.events = new EventBus(
      (ms, act) => void clock.after(ms, act),
      () => weather.eventFate(),
      () => clock.nowNs(),
    );
    const publish = (topic: string, fields: object): void => this.events.publish(topic, fields);
    this.tasks = new TaskService(this.metadata, {
      ...host,
      position: () => host.position(),
      outputEnded: (stdio) => host.outputEnded(stdio),
      hasReader: (path) => host.hasReader(path),
      publish,
    });
  }

  /**
   * A transaction of the database: one after the other, and those behind a slow one wait for it.
   * With containerd those go that have not had their turn.
   */
  async transaction<T>(lateMs: number, act: () => T): Promise<T> {
    const { clock } = this.#host;
    const due = Math.max(this.#stalledUntilMs, clock.nowMs + lateMs);
    this.#stalledUntilMs = due;
    const restarts = this.#restarts;
    if (due > clock.nowMs) await clock.delay(due - clock.nowMs);
    if (restarts !== this.#restarts) throw new ContainerdError('unavailable', 'it is gone');
    return act();
  }

  /** A call of a task's shim: slow or not, it never reaches the shim of a later task. */
  async shimCall<T>(id: string, lateMs: number, act: () => T | Promise<T>): Promise<T> {
    const task = this.tasks.tasks.get(id);
    if (lateMs === 0) return await act();
    await this.#host.clock.delay(lateMs);
    if (this.tasks.tasks.get(id) === task) return await act();
    throw new ContainerdError('unknown', 'ttrpc: closed: unknown');
  }

  /** Dies and comes back after that time, milliseconds; processes and shims live on. */
  restart(downMs: number): void {
    if (!this.neighbour.up) return;
    this.#host.truth.trouble('containerd restarts');
    this.#restarts += 1;
    this.#stalledUntilMs = 0;
    this.tasks.restarted(this.#reaps);
    this.events.break(new ContainerdError('unavailable', 'transport is closing'));
    this.neighbour.set(false);
    this.#host.clock.after(downMs, () => {
      // Only now, that it starts, does it look at what ended meanwhile.
      this.tasks.restarted(this.#reaps);
      this.#host.truth.say('world: containerd is back');
      this.neighbour.set(true);
    });
  }
}
