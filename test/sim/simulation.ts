/**
 * The real actors, log, projections and handlers against the simulated world, all from one seed:
 * many commands at once, the daemon killed at any step, trouble in every call; then calm, and
 * the checkers. The same seed gives the same trace, byte for byte.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FamilyCommand } from '../../machines/exec.commands.ts';
import type { ImageCommand } from '../../machines/image.commands.ts';
import { type VolumeRef, volumeOfStream } from '../../machines/volume.claims.ts';
import type { VolumeCommand } from '../../machines/volume.commands.ts';
import { PROJECTIONS } from '../../projections/all.ts';
import { type OpenedLog, openLog } from '../../store/log.ts';
import { SimulatedClock } from './clock.ts';
import { SimulatedDaemon } from './daemon.ts';
import { Life } from './life.ts';
import { Load } from './load.ts';
import { Random } from './random.ts';
import { Strangers } from './strangers.ts';
import { madeBefore } from './volumeLoad.ts';
import { type Chances, STORM, Weather } from './weather.ts';
import { asItIs, type Wiring } from './wiring.ts';
import { SimulatedWorld } from './world.ts';

const STEPS = 40;
const STEP_MS = 3_000;
/** After the storm: how long processes still end by themselves. */
const BREEZE_MS = 20_000;
/** After this no call is under way any more that was sent in the storm. */
const QUIET_MS = 50_000;
/** Longer than any chain of deadlines, backoffs and retries; looked at every second. */
const LONGEST_QUIET_MS = 600_000;
/** After the last reconcile: how often to look whether all has come to rest, and how far apart. */
/** Effects that are under way for as long as a process runs. */
const LASTS = /\.await-exit$|^health\.watch$/;
const LOOKS = { least: 10, most: 2_000, ms: 50 };

type AnyCommand = FamilyCommand | ImageCommand | VolumeCommand;

export interface Asked {
  readonly command: AnyCommand;
  readonly life: Life;
  readonly atMs: number;
  toldAtMs: number | null;
  /** `done`, `nothing`, or the kind of the refusal. */
  result: string | null;
  /** Durable end of the log when the caller was told. */
  position: number;
  message: string;
}

export interface Simulated {
  readonly log: OpenedLog;
  readonly path: string;
  readonly world: SimulatedWorld;
  readonly asked: readonly Asked[];
  /** Bugs that the daemon has found itself. */
  readonly bugs: readonly string[];
  readonly trace: readonly string[];
  readonly nowMs: number;
}

export interface SimulationOptions {
  readonly seed: number;
  /** The daemon put together with a bug, to see whether the checkers find it. */
  readonly wiring?: Wiring;
  readonly chances?: Chances;
}

/** Runs one seed and hands what is left to `check`, before it is thrown away. */
export async function simulate<T>(
  options: SimulationOptions,
  check: (simulated: Simulated) => T,
): Promise<T> {
  const directory = mkdtempSync(join('/dev/shm', 'shiplog-sim-'));
  const simulation = new Simulation(join(directory, 'log.db'), options);
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
  readonly asked: Asked[] = [];
  readonly bugs: string[] = [];
  readonly #random: Random;
  readonly #clock = new SimulatedClock();
  readonly #weather: Weather;
  readonly #wiring: Wiring;
  readonly #load: Load;
  readonly #strangers: Strangers;
  log: OpenedLog;
  #life: Life;
  #daemon: SimulatedDaemon;
  #lives = 0;
  #loads = 0;

  constructor(path: string, { seed, wiring = asItIs, chances = STORM }: SimulationOptions) {
    this.path = path;
    this.#wiring = wiring;
    this.#random = new Random(seed);
    this.#load = new Load(new Random(seed ^ 0x10ad));
    this.#weather = new Weather(new Random(seed ^ 0xfa11), chances);
    this.world = new SimulatedWorld(this.#clock, new Random(seed ^ 0x5eed), this.#weather);
    this.#strangers = new Strangers(this.world, new Random(seed ^ 0x57a6));
    this.world.position = () => this.log.head().position;
    this.log = this.#openLog();
    this.#clock.busy = () => this.#daemon.disk.inStore > 0;
    this.#life = this.#newLife();
    this.#daemon = this.#boot();
  }

  get trace(): readonly string[] {
    return this.world.truth.trace;
  }

  get nowMs(): number {
    return this.#clock.nowMs;
  }

  async play(): Promise<void> {
    for (let step = 0; step < STEPS; step += 1) {
      await this.#clock.advance(this.#random.below(STEP_MS));
      this.#mischief();
      const commands = 1 + this.#random.below(4);
      for (let count = 0; count < commands; count += 1) this.#command();
      if (this.#random.chance(0.03)) this.#loadImage();
      if (this.#random.chance(0.04)) this.#strangers.make();
      if (this.#random.chance(0.04)) this.#life.kill('at any time');
    }
    this.#weather.calm();
    this.world.output.neighbour.set(true);
    if (this.#random.chance(0.5)) this.#life.kill('before the calm');
    await this.#clock.advance(BREEZE_MS);
    this.#weather.still = true;
    await this.#clock.advance(QUIET_MS);
    const until = this.#clock.nowMs + LONGEST_QUIET_MS;
    while (this.#clock.nowMs < until && !this.#atRest()) await this.#clock.advance(1_000);
    // What differs behind the log's back is found when the connection comes back.
    this.world.containerd.restart(100);
    for (let look = 0; look < LOOKS.most; look += 1) {
      await this.#clock.advance(LOOKS.ms);
      if (look > LOOKS.least && this.#atRest()) return;
    }
  }

  close(): void {
    this.#daemon.stop();
    this.log.close();
  }

  /** Nothing is under way but what may take for ever, and nobody waits for an answer. */
  #atRest(): boolean {
    if (!this.#life.alive) return false;
    if (this.asked.some(({ life, toldAtMs }) => life.alive && toldAtMs === null)) return false;
    return this.log.agenda().every(({ type, key }) => LASTS.test(type) || key === 'restart');
  }

  #openLog(): OpenedLog {
    const log = openLog({
      path: this.path,
      clock: this.#clock,
      projections: PROJECTIONS,
      newLogId: () => 'simulated',
    });
    log.onCommit((facts) => {
      for (const { position, stream, type, state } of facts) {
        this.world.truth.say(`${position} ${stream} ${type} ${JSON.stringify(state)}`);
      }
    });
    return log;
  }

  #newLife(): Life {
    this.#lives += 1;
    return new Life(
      this.#lives,
      () => this.#weather.happens('kill'),
      (where) => this.#killed(where),
    );
  }

  #boot(): SimulatedDaemon {
    const daemon = new SimulatedDaemon({
      world: this.world,
      log: this.log,
      life: this.#life,
      seed: this.#random.below(2 ** 31),
      wiring: this.#wiring,
      bug: (what) => this.bugs.push(what),
    });
    void daemon.boot();
    return daemon;
  }

  #killed(where: string): void {
    this.world.truth.say(`daemon ${this.#lives} is killed ${where}`);
    this.world.truth.kills.push(this.log.head().position);
    this.#clock.forget(this.#life);
    const downMs = this.#random.chance(0.1)
      ? this.#random.below(60_000)
      : this.#random.below(4_000);
    this.#clock.after(downMs, () => {
      this.log.close();
      this.log = this.#openLog();
      this.world.truth.say(`daemon ${this.#lives + 1} starts`);
      this.#life = this.#newLife();
      this.#daemon = this.#boot();
    });
  }

  /** What happens to the world without anybody's doing. */
  #mischief(): void {
    const { containerd, output, truth } = this.world;
    if (this.#weather.happens('restart')) containerd.restart(this.#random.below(8_000));
    if (this.#weather.happens('stdioAway') && output.neighbour.up) {
      truth.trouble('the stdio process dies');
      output.neighbour.set(false);
      this.#clock.after(this.#random.below(6_000), () => output.neighbour.set(true));
    }
    const ids = [...containerd.tasks.tasks.keys()];
    if (ids.length === 0) return;
    if (this.#weather.happens('shimDeath')) containerd.tasks.shimDies(this.#random.pick(ids));
    if (this.#weather.happens('stranger')) this.#stranger(this.#random.pick(ids));
  }

  /** Somebody with a tool of containerd's own. */
  #stranger(id: string): void {
    const { tasks } = this.world.containerd;
    try {
      const { status } = tasks.get({ containerId: id });
      if (status !== 'running' && status !== 'paused') return;
      this.world.truth.trouble(`a stranger ${status === 'running' ? 'pauses' : 'resumes'} ${id}`);
      if (status === 'running') tasks.pause(id);
      else tasks.resume(id);
    } catch (error) {
      this.world.truth.say(`the stranger is refused: ${String(error)}`);
    }
  }

  #command(): void {
    if (!this.#life.alive) return;
    const present = this.#volumes();
    if (this.#random.chance(0.1)) {
      const command = this.#load.volumes.next(present);
      return this.#submit(command, this.#daemon.volume(command));
    }
    const adopted = this.#random.chance(0.04) ? this.#strangers.adopt() : undefined;
    if (adopted !== undefined) this.#load.adopted(adopted.id);
    const command = adopted ?? this.#load.next((id) => this.#shown(id), present);
    const mounts = command.type === 'create' ? (command.mounts ?? []) : [];
    const [own] = 'id' in command ? madeBefore(mounts, command.id) : [];
    if (own === undefined) return this.#submit(command, this.#daemon.submit(command));
    const life = this.#life;
    const made = this.#daemon.volume(own);
    this.#submit(own, made);
    void made.then(({ kind }) => {
      if (life.alive && kind !== 'refused') this.#submit(command, this.#daemon.submit(command));
    });
  }

  #volumes(): readonly VolumeRef[] {
    return this.log
      .states('volume/')
      .filter(({ value, context }) => value === 'present' && !Object(context)['anonymous'])
      .map(({ stream }) => volumeOfStream(stream));
  }

  #shown(id: string): string {
    const value: unknown = this.log.state(`container/${id}`)?.value ?? '';
    return typeof value === 'string' ? value : (Object.keys(Object(value))[0] ?? '');
  }

  #submit(command: AnyCommand, answer: ReturnType<SimulatedDaemon['submit']>): void {
    const life = this.#life;
    const atMs = this.#clock.nowMs;
    const subject = 'id' in command ? command.id : 'name' in command ? command.name : '';
    const name = `${command.type} ${subject}`.trimEnd();
    this.world.truth.say(`asked: ${name}`);
    const asked: Asked = {
      command,
      life,
      atMs,
      toldAtMs: null,
      result: null,
      position: 0,
      message: '',
    };
    this.asked.push(asked);
    void answer.then((result) => {
      if (!life.alive) return;
      const said = result.kind === 'refused' ? result.refusal.kind : result.kind;
      if (result.kind === 'refused' && 'message' in result.refusal) {
        asked.message = result.refusal.message;
      }
      asked.result = said;
      asked.toldAtMs = this.#clock.nowMs;
      asked.position = this.log.head().position;
      const removed = command.type === 'remove' && said === 'done';
      const absent = ['name-in-use', 'no-such-container', 'create-failed'].includes(said);
      if ((removed || absent) && 'id' in command) this.#load.forget(command.id);
      this.world.truth.say(`told: ${name}: ${said}`);
    });
  }

  /** An archive is unpacked under a lease, and its image is to be known from then on. */
  #loadImage(): void {
    if (!this.#life.alive) return;
    this.#loads += 1;
    const digest = `sha256:${String(this.#loads % 3).repeat(63)}a`;
    const lease = `load-${this.#loads}`;
    const { metadata } = this.world.containerd;
    const staged = this.#load.image(lease, digest);
    const command: ImageCommand = { type: 'load-image', images: [staged], origin: 'load' };
    metadata.createLease(lease, {});
    const blob = { ref: '', chunks: [], size: 1 };
    metadata.write({ ...blob, digest }, { lease });
    const labels = { 'containerd.io/gc.ref.content.config': digest };
    metadata.write({ ...blob, digest: staged.image.target.digest, labels }, { lease });
    this.#submit(command, this.#daemon.load(command));
  }
}
