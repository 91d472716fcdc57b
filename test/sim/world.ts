/**
 * The simulated world: containerd, the stdio process, files and mounts, under one seed. It
 * outlives every daemon.
 */

import type { ContainerDeps } from '../../effects/container/deps.ts';
import { makeInTurn } from '../../effects/container/inTurn.ts';
import { keepRoots } from '../../effects/container/keepRoots.ts';
import { makeRootMaker } from '../../effects/container/rootMaker.ts';
import { makeRootMounts } from '../../effects/container/rootMounts.ts';
import { makeRunMemory } from '../../effects/container/runMemory.ts';
import type { Unstarted } from '../../effects/container/unstarted.ts';
import type { Containerd } from '../../effects/containerd/client.ts';
import { imageHandlers } from '../../effects/images/handlers.ts';
import { noNetworks } from '../../effects/network/networkPort.ts';
import { makeRegistry } from '../../effects/registry.ts';
import { type RunnableEffects, runnableEffects } from '../../effects/run.ts';
import { DEFAULTS } from '../../effects/spec/fixture.ts';
import { makeSubpaths } from '../../effects/volumes/subpaths.ts';
import { makeVolumeMounts } from '../../effects/volumes/volumeMounts.ts';
import type { SimulatedClock } from './clock.ts';
import { simulatedClient } from './containerd/client.ts';
import { SimulatedContainerd } from './containerd/server.ts';
import { FileTree } from './host/files.ts';
import { SimulatedOutput } from './host/output.ts';
import { SimulatedSide } from './host/side.ts';
import { simulatedSystem } from './host/system.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';
import { Truth } from './truth.ts';
import type { Weather } from './weather.ts';

export const ROOTS = { dataRoot: '/data', execRoot: '/exec' };
export const SNAPSHOTTER = 'overlayfs';
/** Nothing is copied in the simulation. */
const NO_THREADS: ContainerDeps['threads'] = {
  run: () => {
    throw new Error('there are no threads in the simulation');
  },
};
export const IMAGE = { id: `sha256:${'1'.repeat(64)}`, chainId: `sha256:${'2'.repeat(64)}` };

export class SimulatedWorld {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly weather: Weather;
  readonly truth: Truth;
  readonly tree: FileTree;
  readonly output: SimulatedOutput;
  readonly side: SimulatedSide;
  readonly containerd: SimulatedContainerd;
  /** The durable end of the log; set by whoever opens it. */
  position: () => number = () => 0;

  constructor(clock: SimulatedClock, random: Random, weather: Weather) {
    this.clock = clock;
    this.random = random;
    this.weather = weather;
    this.truth = new Truth(() => clock.nowMs);
    this.tree = new FileTree(this.truth);
    this.output = new SimulatedOutput(`${ROOTS.execRoot}/stdio`, this.tree, clock, random);
    this.side = new SimulatedSide(clock, this.truth);
    const { tree, output, truth } = this;
    const position = (): number => this.position();
    this.containerd = new SimulatedContainerd(
      {
        clock,
        random,
        weather,
        truth,
        position,
        outputEnded: (stdio) => output.writerGone(stdio),
        hasReader: (path) => output.hasReader(path),
        volumes: {
          exists: (directory) => tree.get(directory) === null,
          write(directory, file) {
            const path = `${directory}/${file}`;
            tree.write(path, 'written', false);
            truth.written.push({ path, position: position() });
          },
        },
        runtimeState: {
          exists: (directory) => tree.get(directory) !== undefined,
          remove: (directory) => tree.remove(directory),
          write(directory, text) {
            tree.makeDirectories(directory);
            tree.write(`${directory}/state.json`, text, false);
          },
        },
      },
      random.chance(0.5),
    );
    this.#makeImage();
  }

  /** An image with one layer, as a load leaves it. */
  #makeImage(): void {
    const { metadata } = this.containerd;
    const lease = 'staging';
    metadata.createLease(lease, {});
    const key = 'staged layer';
    metadata.prepare({ snapshotter: SNAPSHOTTER, key, parent: '' }, 'active', { lease });
    metadata.commit(key, IMAGE.chainId, {}, { lease });
    const blob = { ref: '', chunks: [], size: 1 };
    const manifest = `sha256:${'3'.repeat(64)}`;
    const layer = { [`containerd.io/gc.ref.snapshot.${SNAPSHOTTER}`]: IMAGE.chainId };
    const config = { 'containerd.io/gc.ref.content.config': IMAGE.id };
    metadata.write({ ...blob, digest: IMAGE.id, labels: layer }, { lease });
    metadata.write({ ...blob, digest: manifest, labels: config }, { lease });
    const target = { mediaType: 'manifest', digest: manifest, size: 1 };
    metadata.createImage({ name: 'busybox', labels: {}, target });
    metadata.deleteLease(lease);
  }

  /** What one life of the daemon knows of the world. */
  client(life: Life): Containerd {
    return simulatedClient(this.containerd, this.clock, life, this.weather);
  }

  deps(life: Life, containerd: Containerd, unstarted: Unstarted): ContainerDeps {
    const { clock, weather, truth, tree } = this;
    const { processes } = this.containerd.tasks;
    const system = simulatedSystem({ clock, weather, truth, tree, processes }, life);
    const around = { containerd, snapshotter: SNAPSHOTTER, roots: ROOTS, system };
    const rootMaker = makeRootMaker(around, unstarted);
    return {
      containerd,
      stdio: this.output.port(life, weather),
      side: this.side.port(life),
      network: noNetworks,
      system,
      roots: ROOTS,
      rootMaker,
      runs: makeRunMemory(),
      inTurn: makeInTurn(),
      rootMounts: makeRootMounts({
        rootMaker,
        roots: ROOTS,
        system,
        externalRoot: () => undefined,
      }),
      volumeMounts: makeVolumeMounts({ dataRoot: ROOTS.dataRoot, system, users: new Map() }),
      subpaths: makeSubpaths(system),
      threads: NO_THREADS,
      featuresOf: () => undefined,
      snapshotter: SNAPSHOTTER,
      secrets: { reveal: (digests) => new Map(digests.map((digest) => [digest, 'value'])) },
      defaults: () => ({ ...DEFAULTS, init: false, initPath: null }),
      host: {
        hostname: 'simulated',
        rlimits: [],
        capabilities: 2n ** 41n - 1n,
        architecture: 'x86_64',
        kernelVersion: '6.1.0',
        x32: true,
        appArmor: { active: false, defaultProfile: '' },
        cgroup: { version: 1, driver: 'cgroupfs' },
      },
      warn: () => undefined,
      bootId: 'boot',
      cgroupRoot: '/sys/fs/cgroup',
      hostFiles: () => ({ hosts: '', resolvConf: '' }),
    };
  }

  effects(
    deps: ContainerDeps,
    unstarted: Unstarted,
    bug: (type: string, error: unknown) => void,
  ): RunnableEffects {
    const { containerd: client, snapshotter, rootMounts } = deps;
    const images = imageHandlers({ client, snapshotter }, (image, options) =>
      keepRoots(rootMounts, unstarted, image, options),
    );
    return runnableEffects(makeRegistry({ ...deps, images }), bug);
  }
}
