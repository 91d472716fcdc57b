/**
 * One life of the daemon in the simulation: the same parts as in main.ts, in the same order, but
 * for what the world gives it. It ends by being killed, at any step.
 */

import type { CommandResult } from '../../actors/actor.ts';
import { type GatePorts, passCommand } from '../../actors/gate.ts';
import type { Time } from '../../actors/ports.ts';
import { RefusalRecorder } from '../../actors/refusals.ts';
import { untilItWorks } from '../../actors/retry.ts';
import { ActorSystem } from '../../actors/system.ts';
import type { ContainerDeps } from '../../effects/container/deps.ts';
import { dropLeftRoots } from '../../effects/container/leftRoots.ts';
import type { Containerd } from '../../effects/containerd/client.ts';
import { limitsFor } from '../../effects/limits.ts';
import { containerStream } from '../../machines/container.decide.ts';
import { deadlineOf, needsRuntime } from '../../machines/container.rules.ts';
import { livingTasks } from '../../machines/container.seen.ts';
import type { DaemonFact } from '../../machines/daemon.facts.ts';
import { daemonFamily } from '../../machines/daemon.family.ts';
import type { FamilyCommand } from '../../machines/exec.commands.ts';
import type { ImageCommand } from '../../machines/image.commands.ts';
import { imageFamily } from '../../machines/image.family.ts';
import type { VolumeCommand } from '../../machines/volume.commands.ts';
import { volumeFamily } from '../../machines/volume.family.ts';
import { unstartedIn } from '../../main/unstarted.ts';
import { followVolumes } from '../../main/volumes.ts';
import type { OpenedLog } from '../../store/log.ts';
import { FaultyLog } from './faultyLog.ts';
import type { Life } from './life.ts';
import { Random } from './random.ts';
import { followHints, lookAround, type ReconcileParts } from './reconcile.ts';
import type { Wiring } from './wiring.ts';
import { type SimulatedWorld, SNAPSHOTTER } from './world.ts';

export interface DaemonParts {
  readonly world: SimulatedWorld;
  readonly log: OpenedLog;
  readonly life: Life;
  readonly seed: number;
  readonly wiring: Wiring;
  /** A bug: an actor that was stopped, or a handler that threw what it must not. */
  bug(what: string): void;
}

const EXITS_MS = 5_000;
const HINTS_AGAIN_MS = 1_000;
const LOAD_MS = 120_000;
const VOLUME_MS = 150_000;
const CALLER = { kind: 'unix' } as const;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export class SimulatedDaemon {
  readonly disk: FaultyLog;
  readonly #world: SimulatedWorld;
  readonly #log: OpenedLog;
  readonly #life: Life;
  readonly #wiring: Wiring;
  readonly #time: Time;
  readonly #client: Containerd;
  readonly #deps: ContainerDeps;
  readonly #system: ActorSystem;
  readonly #gate: GatePorts;
  readonly #ready = Promise.withResolvers<void>();
  #awaySinceNs: string | null = null;
  #requests = 0;

  constructor({ world, log, life, seed, wiring, bug }: DaemonParts) {
    this.#world = world;
    this.#log = log;
    this.#life = life;
    this.#wiring = wiring;
    const { clock, weather, truth } = world;
    const random = new Random(seed);
    this.#time = {
      nowNs: () => clock.nowNs(),
      monotonicMs: () => clock.nowMs,
      after: (ms, callback) => (life.alive ? clock.after(ms, callback, life) : () => undefined),
      random: () => random.next(),
    };
    this.disk = new FaultyLog(log, { clock, life, random: new Random(~seed), weather, truth });
    this.#client = world.client(life);
    const unstarted = unstartedIn(log);
    this.#deps = world.deps(life, this.#client, unstarted);
    const effects = wiring.effects(
      (deps, tell) => world.effects(deps, unstarted, tell),
      this.#deps,
      (type, error) => life.alive && bug(`handler of ${type}: ${String(error)}`),
    );
    this.#system = new ActorSystem({
      log: wiring.log(this.disk.port(), effects),
      time: this.#time,
      limits: limitsFor(2),
      journal: silent,
      families: [wiring.family, imageFamily, volumeFamily, daemonFamily],
      effects: {
        policy: (type) => effects.policy(type),
        run: (...effect) => (life.alive ? effects.run(...effect) : new Promise(() => undefined)),
      },
      probe: (effect, boundary) => void life.passes(`${boundary} ${effect}`),
      recovered: () => undefined,
      stopped: (stream, position, reason) => {
        if (life.alive) bug(`actor ${stream} stopped at ${position}: ${reason}`);
      },
    });
    this.#gate = this.#makeGate();
  }

  #makeGate(): GatePorts {
    const refusals = new RefusalRecorder(this.#time, (refused) =>
      this.#record({ type: 'daemon.commands-refused', data: { refused } }),
    );
    return {
      system: this.#system,
      refusals,
      journal: silent,
      whenReady: (ms) => this.#within(this.#ready.promise, ms),
      runtimeAwaySince: () => this.#awaySinceNs,
      monotonicMs: () => this.#world.clock.nowMs,
    };
  }

  async boot(): Promise<void> {
    this.#system.load();
    const started = { version: 'sim', pid: this.#life.number, bootId: 'boot' };
    await this.#record({ type: 'daemon.started', data: started });
    const living = await untilItWorks(
      this.#time,
      async () => {
        await this.#dropLeftRoots();
        return await this.#lookAround();
      },
      () => undefined,
    );
    this.#client.onState((state) => void this.#containerdChanged(state === 'lost'));
    this.#system.start();
    await this.#recordExits(living);
    if (this.#wiring.hints) void this.#followHints();
    if (this.#wiring.volumes) this.#followVolumes();
    this.#ready.resolve();
  }

  #dropLeftRoots(): Promise<void> {
    const isRemoved = (id: string): boolean =>
      this.#log.readable(containerStream(id))?.final === true;
    return dropLeftRoots(this.#client, SNAPSHOTTER, isRemoved);
  }

  submit(command: FamilyCommand): Promise<CommandResult> {
    const rules = { family: this.#wiring.family, needsRuntime, deadlineMs: deadlineOf };
    return passCommand(this.#gate, rules, command, this.#request());
  }

  load(command: ImageCommand): Promise<CommandResult> {
    const rules = { family: imageFamily, needsRuntime: () => true, deadlineMs: () => LOAD_MS };
    return passCommand(this.#gate, rules, command, this.#request());
  }

  volume(command: VolumeCommand): Promise<CommandResult> {
    const rules = { family: volumeFamily, needsRuntime: () => false, deadlineMs: () => VOLUME_MS };
    return passCommand(this.#gate, rules, command, this.#request());
  }

  #followVolumes(): void {
    const life = this.#life;
    const signal = {
      get aborted() {
        return !life.alive;
      },
    };
    const parts = { system: this.#system, log: this.#log, journal: silent };
    followVolumes({ ...parts, over: { signal } });
  }

  stop(): void {
    this.#system.stop();
  }

  #request() {
    this.#requests += 1;
    return { id: `${this.#life.number}.${this.#requests}`, caller: CALLER };
  }

  #record(fact: DaemonFact): Promise<CommandResult> {
    const origin = { request: '', caller: { kind: 'daemon' as const }, deadlineMs: null };
    return this.#system.submit(daemonFamily, { type: 'record', fact }, origin);
  }

  async #within(promise: Promise<unknown>, ms: number): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    const cancel = this.#time.after(ms, () => late.resolve(false));
    try {
      return await Promise.race([promise.then(() => true), late.promise]);
    } finally {
      cancel();
    }
  }

  async #containerdChanged(lost: boolean): Promise<void> {
    if (lost) {
      this.#awaySinceNs = String(this.#time.nowNs());
      await this.#record({ type: 'daemon.containerd-lost', data: { message: 'lost' } });
      return;
    }
    const since = this.#awaySinceNs;
    const still = (): boolean => this.#awaySinceNs === since;
    await untilItWorks(
      this.#time,
      async () => still() && (await this.#returned(still)),
      (error) => this.#world.truth.say(`daemon: containerd went away again: ${String(error)}`),
    );
  }

  async #returned(still: () => boolean): Promise<void> {
    const data = { version: (await this.#client.version()).version, address: 'simulated' };
    await this.#record({ type: 'daemon.containerd-connected', data });
    await this.#lookAround();
    if (!still()) return;
    this.#awaySinceNs = null;
    this.#system.wake();
  }

  #parts(): ReconcileParts {
    const look: ReconcileParts['look'] = (images) => this.#wiring.look(this.#deps, images);
    return { log: this.#log, system: this.#system, client: this.#client, look };
  }

  async #lookAround(): Promise<ReadonlySet<string>> {
    const { sight, checked, differences } = await lookAround(this.#parts());
    await this.#record({ type: 'daemon.reconciled', data: { checked, differences } });
    return livingTasks(sight);
  }

  /** After a break all is looked at, for events get lost. */
  async #followHints(): Promise<void> {
    const { signal } = new AbortController();
    for (let again = false; this.#life.alive; again = true) {
      try {
        if (again) await this.#deps.system.sleep(HINTS_AGAIN_MS);
        if (again && this.#awaySinceNs === null) await this.#lookAround();
        await followHints(this.#parts(), signal);
      } catch (error) {
        this.#world.truth.say(`daemon: events broke off: ${String(error)}`);
      }
    }
  }

  async #recordExits(living: ReadonlySet<string>): Promise<void> {
    const ended = this.#log
      .agenda()
      .filter(({ type, stream }) => {
        const lives = living.has(stream) || living.has(containerStream(stream.split('/')[1] ?? ''));
        return type === 'task.await-exit' && !lives;
      })
      .map(({ id }) => id);
    await this.#within(this.#system.closed(ended), EXITS_MS);
  }
}
