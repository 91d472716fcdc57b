/** What the callers of a simulated daemon ask for, at random. */
import type { ContainerCommand } from '../../machines/container.commands.ts';
import type { ContainerConfig, HostConfig } from '../../machines/container.config.ts';
import type { FamilyCommand } from '../../machines/exec.commands.ts';
import type { StagedUnderLease } from '../../machines/image.commands.ts';
import { config, execConfig, hostConfig, stagedImage } from '../../machines/samples.fixture.ts';
import type { VolumeRef } from '../../machines/volume.claims.ts';
import type { Random } from './random.ts';
import { VolumeLoad } from './volumeLoad.ts';
import { IMAGE, ROOTS, SNAPSHOTTER } from './world.ts';

const NAMES = ['web', 'db', 'queue', 'cache', 'proxy', 'mail', 'auth', 'logs', 'jobs'];
const RUNTIME = {
  name: 'runc',
  shim: 'io.containerd.runc.v2',
  options: { binaryName: 'runc', root: `${ROOTS.execRoot}/runc`, systemdCgroup: false },
};

export class Load {
  readonly #random: Random;
  readonly volumes: VolumeLoad;
  #containers: string[] = [];
  #execs: { readonly id: string; readonly execId: string }[] = [];
  #made = 0;

  constructor(random: Random) {
    this.#random = random;
    this.volumes = new VolumeLoad(random);
  }

  /** Commands to what is not there are rare, not never. */
  forget(id: string): void {
    this.#containers = this.#containers.filter((other) => other !== id || this.#random.chance(0.1));
  }

  /** Of somebody else's making; what is asked of others is asked of it, too. */
  adopted(id: string): void {
    this.#containers.push(id);
  }

  /** @param phase what `ps` shows of a container; mostly, callers ask for what makes sense */
  next(phase: (id: string) => string, volumes: readonly VolumeRef[]): FamilyCommand {
    const random = this.#random;
    if (this.#containers.length < 4 || random.chance(0.1)) return this.#create(volumes);
    const id = random.pick(this.#containers);
    const shown = random.chance(0.75) ? phase(id) : '';
    const signal = random.chance(0.5) ? 15 : 9;
    const timeoutMs = random.pick([0, 1_000, 10_000]);
    const start = (): FamilyCommand => ({ type: 'start', id, runtime: RUNTIME });
    const stop = (): FamilyCommand => ({ type: 'stop', id, signal, timeoutMs });
    const kill = (): FamilyCommand => ({ type: 'kill', id, signal });
    const pause = (): FamilyCommand => ({ type: 'pause', id });
    const unpause = (): FamilyCommand => ({ type: 'unpause', id });
    const restart = (): FamilyCommand => ({
      type: 'restart',
      id,
      signal,
      timeoutMs,
      runtime: RUNTIME,
    });
    const rename = (): FamilyCommand => ({ type: 'rename', id, name: random.pick(NAMES) });
    const update = (): FamilyCommand => {
      const resources = { CpuShares: random.pick([256, 512]) };
      if (random.chance(0.5)) return { type: 'update', id, resources };
      return { type: 'update', id, restartPolicy: this.#policy() };
    };
    const remove = (): FamilyCommand => {
      return { type: 'remove', id, force: random.chance(0.6), volumes: random.chance(0.5) };
    };
    const execCreate = (): FamilyCommand => this.#execCreate(id);
    const execStart = (): FamilyCommand => this.#execStart(id);
    const exec = [execCreate, execStart, execStart];
    const always = [rename, update, remove];
    const sensible: Readonly<Record<string, readonly (() => FamilyCommand)[]>> = {
      created: [start, start, start, start, ...always],
      exited: [start, start, start, start, restart, ...always],
      running: [stop, kill, pause, pause, restart, ...exec, ...exec, ...always],
      paused: [unpause, unpause, unpause, stop, kill, remove],
    };
    const anything = [start, stop, kill, pause, unpause, restart, ...exec, ...always];
    return random.pick(sensible[shown] ?? anything)();
  }

  /** Of an image that was staged under that lease. */
  image(lease: string, digest: string): StagedUnderLease {
    const reference = this.#random.pick(['a:1', 'b:1']);
    const target = { ...stagedImage.target, digest: `${digest.slice(0, -1)}f` };
    const image = { ...stagedImage, id: digest, chainId: '', target, references: [reference] };
    return { image, lease };
  }

  #id(): string {
    const id = (this.#made % 256).toString(16).padStart(2, '0').repeat(32);
    this.#made += 1;
    return id;
  }

  #program(): readonly string[] {
    const random = this.#random;
    return [
      '/program',
      ...(random.chance(0.6) ? [`lasts=${random.below(20_000)}`] : []),
      `code=${random.below(3)}`,
      ...(random.chance(0.2) ? ['ignores-term'] : []),
      ...(random.chance(0.05) ? ['missing'] : []),
      ...(random.chance(0.05) ? ['unstartable'] : []),
      ...(random.chance(0.06) ? [`stuck=${random.below(40_000)}`] : []),
    ];
  }

  #policy(): HostConfig['RestartPolicy'] {
    const Name = this.#random.pick(['no', 'no', 'always', 'on-failure', 'unless-stopped']);
    return { Name, MaximumRetryCount: Name === 'on-failure' ? this.#random.below(3) : 0 };
  }

  #healthcheck(): Pick<ContainerConfig, 'Healthcheck'> {
    const random = this.#random;
    if (random.chance(0.6)) return {};
    const [program = '', ...words] = this.#program();
    const seconds = (most: number): number => (1 + random.below(most)) * 1_000_000_000;
    return {
      Healthcheck: {
        Test: ['CMD', program, `lasts=${random.below(3_000)}`, ...words],
        Interval: seconds(10),
        Timeout: seconds(4),
        StartPeriod: random.chance(0.5) ? seconds(10) : 0,
        StartInterval: seconds(2),
        Retries: 1 + random.below(3),
      },
    };
  }

  #create(present: readonly VolumeRef[]): ContainerCommand {
    const RestartPolicy = this.#policy();
    const AutoRemove = RestartPolicy.Name === 'no' && this.#random.chance(0.3);
    const id = this.#id();
    this.#containers.push(id);
    const mounts = this.volumes.mounts(present, id);
    return {
      type: 'create',
      id,
      name: this.#random.pick(NAMES),
      image: IMAGE,
      config: { ...config, Cmd: this.#program(), ...this.#healthcheck() },
      hostConfig: { ...hostConfig, RestartPolicy, AutoRemove },
      env: [],
      platform: 'linux/amd64',
      warnings: [],
      ...(this.#random.chance(0.7) ? { snapshotter: SNAPSHOTTER } : {}),
      ...(mounts.length > 0 ? { mounts } : {}),
    };
  }

  #execCreate(id: string): FamilyCommand {
    const execId = this.#id();
    this.#execs.push({ id, execId });
    const exec = { ...execConfig, Cmd: this.#program() };
    return { type: 'exec-create', id, execId, config: exec, env: [] };
  }

  #execStart(id: string): FamilyCommand {
    const known = this.#execs.findLast((exec) => exec.id === id);
    if (known === undefined || this.#random.chance(0.1)) return this.#execCreate(id);
    return { type: 'exec-start', ...known, detach: this.#random.chance(0.5) };
  }
}
