/** What a container's actor remembers between facts: all that its decisions and effects need. */

import type {
  ContainerConfig,
  CustomParts,
  HostConfig,
  ImageRef,
  LockedRuntime,
  SecretRef,
} from './container.config.ts';
import type { Donors } from './container.donors.ts';
import type { ExitRecord, StartFailure } from './container.facts.ts';
import type { MountPoint } from './container.mounts.ts';
import type { Attachment, Endpoint } from './network.config.ts';
import type { ContainerId } from './words.ts';

export interface ContainerContext {
  readonly id: ContainerId;
  /** Without a leading slash. */
  readonly name: string;
  readonly image: ImageRef;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly env: readonly SecretRef[];
  readonly platform: string;
  readonly custom?: CustomParts;
  /** Absent: none. */
  readonly mounts?: readonly MountPoint[];
  /** Number of the latest run; 0 before the first start. */
  readonly run: number;
  /** Runtime of the latest run. */
  readonly runtime: LockedRuntime | null;
  /** What the latest run joins; absent: it joins nobody. */
  readonly donors?: Donors;
  /** Process id of the present run; 0 when there is none. */
  readonly pid: number;
  /** Signals asked for and not yet answered: an exit is not decided upon before they are. */
  readonly signals: number;
  /** Whether any run's process was started. */
  readonly everStarted: boolean;
  /** Whether the present run was opened by `restart`. */
  readonly restarting: boolean;
  /** Restarts by policy since a caller last started it. */
  readonly restartCount: number;
  /** How long the latest restart by policy was put off, milliseconds; 0: none was. */
  readonly backoffMs: number;
  /** How long it was put off because what it joins did not run yet, milliseconds; absent: never. */
  readonly putOffMs?: number | undefined;
  /** When the present run was started, decimal nanoseconds; null: unknown. */
  readonly startedAtNs: string | null;
  /** A caller's signal was sent that takes the restart policy back until the next start. */
  readonly policyCancelled: boolean;
  /** The step of the removal that did not work and is tried again. */
  readonly stuckIn: 'clean' | 'erase' | null;
  /** What the next exit was asked for by. */
  readonly asked: 'stop' | 'restart' | 'remove' | null;
  /** Runtime to start with once the present run is cleaned up, after `restart`. */
  readonly restartWith: LockedRuntime | null;
  readonly lastExit: ExitRecord | null;
  /** Processes of the latest run killed for lack of memory; absent: none. */
  readonly oomKills?: number | undefined;
  readonly lastFailure: StartFailure | null;
  /** Only of one that was not made here: what is not known of it. */
  readonly adopted?: { readonly unknown: readonly string[] };
  /** Whether an update of the running container's resources is under way; absent: none ever was. */
  readonly updating?: boolean;
  readonly removal: { readonly force: boolean; readonly volumes: boolean } | null;
  /** What it wants to be in; absent: that of its network mode. */
  readonly networks?: readonly Attachment[];
  /** What the present run has; absent: it has none. */
  readonly endpoints?: readonly Endpoint[] | undefined;
  /** How often it was connected while it ran. */
  readonly connects?: number;
  /** Why the present run has none. */
  readonly networkFailure?: string | undefined;
}

/** Context before the first fact; `born` fills it. */
export const UNBORN: ContainerContext = {
  id: '',
  name: '',
  image: { id: '', chainId: '' },
  config: {
    Hostname: '',
    Domainname: '',
    User: '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Cmd: null,
    Entrypoint: null,
    Image: '',
    WorkingDir: '',
    Labels: {},
  },
  hostConfig: {
    NetworkMode: '',
    AutoRemove: false,
    IpcMode: '',
    PidMode: '',
    UTSMode: '',
    CgroupnsMode: '',
    CgroupParent: '',
    ReadonlyRootfs: false,
    Runtime: '',
    ShmSize: 0,
    MaskedPaths: [],
    ReadonlyPaths: [],
    LogConfig: { Type: '', Config: {} },
    RestartPolicy: { Name: '', MaximumRetryCount: 0 },
  },
  env: [],
  platform: '',
  run: 0,
  runtime: null,
  pid: 0,
  signals: 0,
  everStarted: false,
  restarting: false,
  restartCount: 0,
  backoffMs: 0,
  startedAtNs: null,
  policyCancelled: false,
  stuckIn: null,
  asked: null,
  restartWith: null,
  lastExit: null,
  lastFailure: null,
  removal: null,
};
