/**
 * Containers that somebody else has made in our namespace: each is left alone, until a caller wants
 * it to be adopted.
 */
import type { ContainerCommand } from '../../machines/container.commands.ts';
import { config, hostConfig } from '../../machines/samples.fixture.ts';
import type { Random } from './random.ts';
import type { SimulatedWorld } from './world.ts';

const NO_OUTPUT = { stdin: '', stdout: '', stderr: '', terminal: false };

export class Strangers {
  readonly #world: SimulatedWorld;
  readonly #random: Random;
  #made = 0;

  constructor(world: SimulatedWorld, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** A record, and mostly a task that runs, may end, or is frozen. */
  make(): void {
    const { containerd, truth } = this.#world;
    if (!containerd.neighbour.up) return;
    this.#made += 1;
    const id = `stranger-${this.#made}`;
    truth.strangers.push(id);
    truth.say(`a stranger makes ${id}`);
    const lasts = this.#random.chance(0.5) ? [`lasts=${this.#random.below(60_000)}`] : [];
    const args = ['/program', 'code=4', ...lasts];
    const record = { id, labels: {}, image: '', snapshotter: '', snapshotKey: '' };
    const spec = { process: { args } };
    containerd.metadata.createRecord({ ...record, runtime: { name: 'runc' }, spec });
    if (this.#random.chance(0.2)) return;
    const paused = this.#random.chance(0.2);
    void containerd.tasks.create({ ...NO_OUTPUT, containerId: id, rootfs: [] }).then(
      () => {
        containerd.tasks.start({ containerId: id });
        if (paused) containerd.tasks.pause(id);
      },
      (error: unknown) => truth.say(`the stranger is refused: ${String(error)}`),
    );
  }

  /** One of them is to be adopted; undefined: there is none. */
  adopt(): Extract<ContainerCommand, { type: 'adopt' }> | undefined {
    const { strangers } = this.#world.truth;
    if (strangers.length === 0) return undefined;
    const id = this.#random.pick(strangers);
    const image = { id: '', chainId: '' };
    const known = { config, hostConfig, platform: 'linux', unknown: ['environment'] };
    return { type: 'adopt', id, name: id, image, ...known };
  }
}
