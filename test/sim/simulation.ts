/**
 * The actors, the real log and the projections against the simulated world, all from one seed:
 * commands at random, crashes of the daemon at random, trouble in every call; then calm, and the
 * checkers. The same seed gives the same trace.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ActorPorts, EffectPolicy } from '../../actors/ports.ts';
import { ActorSystem } from '../../actors/system.ts';
import type { ContainerCommand } from '../../machines/container.commands.ts';
import type { HostConfig } from '../../machines/container.config.ts';
import { containerFamily } from '../../machines/container.family.ts';
import type { Family } from '../../machines/decision.ts';
import { config, hostConfig, runtime } from '../../machines/samples.fixture.ts';
import { containerHistoryProjection } from '../../projections/containerHistory.ts';
import { containersProjection } from '../../projections/containers.ts';
import { type OpenedLog, openLog } from '../../store/log.ts';
import { rest, SimulatedClock } from './clock.ts';
import { Random } from './random.ts';
import { SimulatedWorld } from './world.ts';

const TROUBLE = { unavailable: 0.08, lostAnswer: 0.08, late: 0.04, failure: 0.08 };
/** Few, so that queues, slots that are lent and hurried actors are all met. */
const LIMITS = { work: { slots: 2, holdMs: 4_000, lent: 1 }, look: null };
const POLICY: EffectPolicy = { deadlineMs: 10_000, lane: 'serial', tries: 3, class: 'work' };
const AWAIT: EffectPolicy = { deadlineMs: null, lane: 'own', tries: 3, class: 'look' };
const NAMES = ['web', 'db', 'queue', 'cache', 'proxy'];
const STEPS = 60;
/** Longer than any chain of deadlines, backoffs and retries. */
const QUIET_MS = 600_000;

export interface Acknowledged {
  readonly command: ContainerCommand;
  readonly result: string;
  /** Head of the log when the caller was told. */
  readonly position: number;
}

export interface Simulated {
  readonly log: OpenedLog;
  readonly path: string;
  readonly world: SimulatedWorld;
  readonly acknowledged: readonly Acknowledged[];
  readonly stopped: readonly string[];
  readonly trace: readonly string[];
}

export interface SimulationOptions {
  readonly seed: number;
  /** A container family with a bug put in, to see whether the checkers find it. */
  readonly family?: Family<ContainerCommand>;
}

/** Runs one seed and hands what is left to `check`, before it is thrown away. */
export async function simulate<T>(
  { seed, family = containerFamily }: SimulationOptions,
  check: (simulated: Simulated) => T,
): Promise<T> {
  const directory = mkdtempSync(join('/dev/shm', 'shiplog-sim-'));
  const simulation = new Simulation(join(directory, 'log.db'), seed, family);
  try {
    await simulation.play();
    return check(simulation);
  } finally {
    simulation.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

class Simulation implements Simulated {
  readonly path: string;
  readonly world: SimulatedWorld;
  readonly acknowledged: Acknowledged[] = [];
  readonly stopped: string[] = [];
  readonly trace: string[] = [];
  readonly #random: Random;
  readonly #clock = new SimulatedClock();
  readonly #family: Family<ContainerCommand>;
  #ids: string[] = [];
  #created = 0;
  log: OpenedLog;
  #system: ActorSystem;
  /** Which life of the daemon it is: what an earlier one was told, nobody hears any more. */
  #life = 0;

  constructor(path: string, seed: number, family: Family<ContainerCommand>) {
    this.path = path;
    this.#family = family;
    this.#random = new Random(seed);
    this.world = new SimulatedWorld(this.#clock, new Random(seed ^ 0x5eed), TROUBLE);
    this.log = this.#openLog();
    this.#system = this.#boot();
  }

  async play(): Promise<void> {
    for (let step = 0; step < STEPS; step += 1) {
      await this.#clock.advance(this.#random.below(3_000));
      if (this.#random.chance(0.12)) await this.#crash();
      else this.#command();
    }
    this.world.calm();
    if (this.#random.chance(0.5)) await this.#crash();
    await this.#clock.advance(QUIET_MS);
  }

  close(): void {
    this.#system.stop();
    this.log.close();
  }

  #openLog(): OpenedLog {
    const log = openLog({
      path: this.path,
      clock: this.#clock,
      projections: [containersProjection, containerHistoryProjection],
      newLogId: () => 'simulated',
    });
    log.onCommit((facts) => {
      for (const { position, stream, type, state } of facts) {
        const short = stream.replace(/([0-9a-f]{2})\1{30,}/, '$1');
        this.trace.push(
          `${this.#clock.nowMs} ${position} ${short} ${type} ${JSON.stringify(state)}`,
        );
      }
    });
    return log;
  }

  #boot(): ActorSystem {
    this.#life += 1;
    const life = this.#life;
    const random = new Random(this.#random.below(2 ** 31));
    const journal = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const ports: ActorPorts = {
      log: this.log,
      journal,
      limits: LIMITS,
      families: [this.#family],
      time: {
        nowNs: () => this.#clock.nowNs(),
        monotonicMs: () => this.#clock.nowMs,
        after: (ms, callback) => this.#clock.after(ms, callback, 'daemon'),
        random: () => random.next(),
      },
      effects: {
        policy: (type) => (type === 'task.await-exit' ? AWAIT : POLICY),
        run: (type, params) => this.world.run(type, params),
      },
      recovered: () => undefined,
      stopped: (stream, position, reason) => {
        if (life === this.#life) this.stopped.push(`${stream} at ${position}: ${reason}`);
      },
    };
    const system = new ActorSystem(ports);
    system.load();
    system.start();
    return system;
  }

  async #crash(): Promise<void> {
    this.trace.push(`${this.#clock.nowMs} crash`);
    this.#system.stop();
    this.#life += 1;
    this.#clock.forgetDaemon();
    await rest();
    this.log.close();
    this.log = this.#openLog();
    this.#system = this.#boot();
  }

  #command(): void {
    const command = this.#pickCommand();
    const origin = { request: 'r', caller: { kind: 'unix' as const }, deadlineMs: 120_000 };
    const life = this.#life;
    this.trace.push(`${this.#clock.nowMs} ${command.type} ${command.id.slice(0, 2)}`);
    void this.#system.submit(this.#family, command, origin).then((result) => {
      if (life !== this.#life) return;
      const said = result.kind === 'refused' ? result.refusal.kind : result.kind;
      if (said === 'name-in-use' || said === 'no-such-container') this.#forget(command.id);
      this.trace.push(`${this.#clock.nowMs} ${command.type} ${command.id.slice(0, 2)}: ${said}`);
      this.acknowledged.push({ command, result: said, position: this.log.head().position });
    });
  }

  /** Commands to what is not there are rare, not never. */
  #forget(id: string): void {
    this.#ids = this.#ids.filter((other) => other !== id || this.#random.chance(0.1));
  }

  #pickCommand(): ContainerCommand {
    if (this.#ids.length < 2 || this.#random.chance(0.1)) return this.#create();
    const id = this.#random.pick(this.#ids);
    const signal = this.#random.chance(0.5) ? 15 : 9;
    const timeoutMs = this.#random.pick([0, 1_000, 10_000]);
    const force = this.#random.chance(0.6);
    const commands: readonly ContainerCommand[] = [
      { type: 'start', id, runtime },
      { type: 'start', id, runtime },
      { type: 'start', id, runtime },
      { type: 'stop', id, signal, timeoutMs },
      { type: 'restart', id, signal, timeoutMs, runtime },
      { type: 'kill', id, signal },
      { type: 'pause', id },
      { type: 'unpause', id },
      { type: 'rename', id, name: this.#random.pick(NAMES) },
      { type: 'update', id, restartPolicy: this.#policy() },
      { type: 'remove', id, force, volumes: false },
    ];
    return this.#random.pick(commands);
  }

  #policy(): HostConfig['RestartPolicy'] {
    const Name = this.#random.pick(['no', 'no', 'always', 'on-failure', 'unless-stopped']);
    return { Name, MaximumRetryCount: Name === 'on-failure' ? this.#random.below(3) : 0 };
  }

  #create(): ContainerCommand {
    const RestartPolicy = this.#policy();
    const AutoRemove = RestartPolicy.Name === 'no' && this.#random.chance(0.3);
    const id = (this.#created % 256).toString(16).padStart(2, '0').repeat(32);
    this.#created += 1;
    this.#ids.push(id);
    return {
      type: 'create',
      id,
      name: this.#random.pick(NAMES),
      image: { id: 'sha256:1', chainId: 'sha256:2' },
      config,
      hostConfig: { ...hostConfig, RestartPolicy, AutoRemove },
      env: [],
      platform: 'linux/amd64',
      warnings: [],
    };
  }
}
