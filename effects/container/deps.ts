/** What the handlers of this folder work with: the neighbours, and where things lie. */
import type { LockedRuntime } from '../../machines/container.config.ts';
import type { Threads } from '../archive/threads.ts';
import type { Containerd } from '../containerd/client.ts';
import type { SidePort } from '../health/sidePort.ts';
import type { NetworkPort } from '../network/networkPort.ts';
import type { HostFacts, SpecDefaults } from '../spec/types.ts';
import type { Subpaths } from '../volumes/subpaths.ts';
import type { VolumeMounts } from '../volumes/volumeMounts.ts';

import type { InitDefaults } from './initProgram.ts';
import type { InTurn } from './inTurn.ts';
import type { HostFiles, NameDefaults } from './networkFiles.ts';
import type { OutputPort } from './output.ts';
import type { Roots } from './paths.ts';
import type { RootMaker } from './rootMaker.ts';
import type { RootMounts } from './rootMounts.ts';
import type { RunMemory } from './runMemory.ts';
import type { SystemPort } from './systemPort.ts';

/** What containers get that say nothing. */
export type ContainerDefaults = SpecDefaults &
  InitDefaults & { /** Absent: nothing. */ readonly names?: NameDefaults };

export interface ContainerDeps {
  readonly containerd: Containerd;
  readonly stdio: OutputPort;
  /** For what is told beside the log. */
  readonly side: SidePort;
  readonly network: NetworkPort;
  readonly system: SystemPort;
  readonly roots: Roots;
  readonly rootMaker: RootMaker;
  readonly rootMounts: RootMounts;
  readonly runs: RunMemory;
  /** Starts of processes beside a container's own, and its freezing. */
  readonly inTurn: InTurn;
  readonly volumeMounts: VolumeMounts;
  readonly subpaths: Subpaths;
  /** Files are copied on threads of their own. */
  readonly threads: Pick<Threads, 'run'>;
  /** JSON that an OCI runtime tells of itself; undefined: nothing is known. */
  featuresOf(runtime: LockedRuntime): string | undefined;
  readonly snapshotter: string;
  readonly secrets: {
    /** Values by digest; an erased one is absent. */
    reveal(digests: readonly string[]): ReadonlyMap<string, string>;
  };
  readonly host: HostFacts;
  /** As the configuration has them now. */
  defaults(): ContainerDefaults;
  /** For what goes wrong beside an effect and changes no outcome. */
  warn(error: unknown, message: string): void;
  /** The kernel's id of this boot. */
  readonly bootId: string;
  /** Where the cgroup hierarchies are mounted, e.g. /sys/fs/cgroup. */
  readonly cgroupRoot: string;
  /** The host's /etc/hosts and /etc/resolv.conf as they are now. */
  hostFiles(): HostFiles;
}
