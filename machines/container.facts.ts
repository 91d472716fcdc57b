/** What can happen to a container. Past tense; the only input of the container machine. */
import type {
  ContainerChanges,
  ContainerConfig,
  CustomParts,
  HostConfig,
  ImageRef,
  LockedRuntime,
  SecretRef,
} from './container.config.ts';
import type { Donors } from './container.donors.ts';
import type { MountPoint } from './container.mounts.ts';
import type { Attachment, Endpoint } from './network.config.ts';
import type { VolumeRef } from './volume.claims.ts';
import type { ContainerId, Fact } from './words.ts';

/** Who asked for a removal: a caller, or the container's own AutoRemove. */
export type RemovalReason = 'caller' | 'auto-remove' | 'create-failed';

/** How a run ended, as far as anybody knows. */
export interface ExitRecord {
  /**
   * Exit status as the runtime gave it (128+n for signal n); null when nobody can know any more.
   */
  readonly code: number | null;
  /**
   * When the runtime says it ended, nanoseconds since 1970 in decimal digits; null when unknown.
   */
  readonly atNs: string | null;
  readonly oomKilled: boolean;
  /** How many of its processes that befell; absent in rows of before they were counted. */
  readonly oomKills?: number;
  /** Whether all output was read before this was written; false: 2 s had passed since the exit. */
  readonly outputEnded: boolean;
  /** What was seen, in words, e.g. `task ended`, `no task, boot id differs`. */
  readonly evidence: string;
}

/** A restart by policy: how long it is put off, and the how manieth since a caller's start. */
export interface PolicyRestart {
  readonly inMs: number;
  readonly count: number;
}

/** What is known of a container that was not made here; the rest is said to be unknown. */
export interface AdoptedContainer {
  readonly id: ContainerId;
  readonly name: string;
  readonly image: ImageRef;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly platform: string;
  /** What nobody can tell, in words: `environment`, `output`. */
  readonly unknown: readonly string[];
}

/** Why a start failed. `exitCode` is what inspect shows (126, 127 or 128). */
export interface StartFailure {
  readonly message: string;
  readonly exitCode: number;
}

/** A network that a run was in. */
export type LeftPlace = Pick<Endpoint, 'network' | 'name' | 'driver'>;

/** All places of the run as they are from now on; absent: what leads out is the same. */
interface Moved {
  readonly endpoints?: readonly Endpoint[];
}

export type ContainerFact =
  | Fact<
      'container.create-requested',
      {
        readonly id: ContainerId;
        readonly name: string;
        readonly image: ImageRef;
        readonly config: ContainerConfig;
        readonly hostConfig: HostConfig;
        readonly env: readonly SecretRef[];
        readonly platform: string;
        readonly warnings: readonly string[];
        /** Absent: none, as in rows of before there were any. */
        readonly mounts?: readonly MountPoint[];
        readonly networks?: readonly Attachment[];
        /** Absent: an image's root, and a spec by what was asked for. */
        readonly custom?: CustomParts;
        /** Nothing is to be there before its first start. Absent: `root.prepare` is asked for. */
        readonly rootLater?: true;
      }
    >
  | Fact<'container.created', { readonly snapshotter: string }>
  | Fact<'container.create-failed', { readonly message: string }>
  /** A record, and maybe a task, that somebody else made in our namespace is to become ours. */
  | Fact<'container.adopt-requested', AdoptedContainer>
  | Fact<
      'container.adopted',
      {
        readonly run: number;
        /** Whether there is a task; without one it is a container that was never started. */
        readonly alive: boolean;
        /** 0 without a task. */
        readonly pid: number;
        /** When its process was started, decimal nanoseconds; null: not known, or none is. */
        readonly atNs: string | null;
      }
    >
  /** `again`: it may be tried once more; absent in rows of before it could. */
  | Fact<'container.adopt-failed', { readonly message: string; readonly again?: true }>
  | Fact<
      'container.start-requested',
      {
        readonly run: number;
        readonly runtime: LockedRuntime;
        readonly restart: boolean;
        /** Runs of other containers whose namespaces it joins; absent: it joins none. */
        readonly donors?: Donors;
        /** Started by the restart policy, not by a caller. */
        readonly policy: boolean;
        /** Its places in networks; absent: none. */
        readonly endpoints?: readonly Endpoint[];
        /** Why it can not have them: the start is about to fail. */
        readonly networkFailure?: string;
      }
    >
  | Fact<
      'container.started',
      {
        readonly run: number;
        readonly pid: number;
        readonly restart: boolean;
        /** When the runtime was told to start, decimal nanoseconds; null: not known, as of now. */
        readonly atNs: string | null;
      }
    >
  | Fact<
      'container.start-failed',
      { readonly run: number; readonly places?: readonly LeftPlace[] } & StartFailure
    >
  /** Its runtime can not be used: no run was begun. */
  | Fact<'container.start-refused', StartFailure>
  | Fact<
      'container.stop-requested',
      {
        readonly run: number;
        readonly signal: number /** null: wait for ever. */;
        readonly timeoutMs: number | null;
      }
    >
  | Fact<'container.stop-timed-out', { readonly run: number }>
  | Fact<'container.stop-failed', { readonly run: number; readonly message: string }>
  | Fact<
      'container.restart-requested',
      {
        readonly run: number;
        readonly signal: number;
        readonly timeoutMs: number | null;
        /** What the next run starts with. */
        readonly runtime: LockedRuntime;
      }
    >
  | Fact<
      'container.kill-requested',
      {
        readonly run: number;
        readonly signal: number;
        /** Whether the signal takes the restart policy back until the next start. */
        readonly endsPolicy: boolean;
      }
    >
  | Fact<'container.signalled', { readonly run: number; readonly signal: number }>
  | Fact<
      'container.signal-failed',
      { readonly run: number; readonly signal: number; readonly message: string }
    >
  | Fact<'container.pause-requested', { readonly run: number }>
  | Fact<'container.paused', { readonly run: number }>
  | Fact<'container.pause-failed', { readonly run: number; readonly message: string }>
  | Fact<'container.unpause-requested', { readonly run: number }>
  | Fact<'container.unpaused', { readonly run: number }>
  | Fact<'container.unpause-failed', { readonly run: number; readonly message: string }>
  | Fact<
      'container.exited',
      /** `asked`: the command that wanted this exit, for the events `stop` and `restart`. */
      {
        readonly run: number;
        readonly asked: 'stop' | 'restart' | 'remove' | null;
        /** What the restart policy makes of this exit; null: it stays as it is. */
        readonly next: PolicyRestart | null;
        /** The networks that it leaves; absent: none. */
        readonly places?: readonly LeftPlace[];
      } & ExitRecord
    >
  /** The kernel killed some of its processes for lack of memory: so many of this run by now. */
  | Fact<'container.oom-killed', { readonly run: number; readonly kills: number }>
  /** A restart by policy was due, and what it joins was about to run, but did not yet. */
  | Fact<'container.restart-postponed', { readonly run: number; readonly inMs: number }>
  /** A restart that was waited for was called off, by stop or kill. */
  | Fact<'container.restart-cancelled', { readonly run: number }>
  /** Somebody deleted containerd's record from under the task, which runs on. */
  | Fact<'container.record-lost', { readonly run: number }>
  | Fact<'container.record-restored', { readonly run: number }>
  | Fact<'container.record-failed', { readonly run: number; readonly message: string }>
  /** Of a running one: its control group is changed before the change is kept. */
  | Fact<'container.update-requested', { readonly run: number } & ContainerChanges>
  | Fact<'container.updated', ContainerChanges>
  | Fact<'container.update-failed', { readonly run: number; readonly message: string }>
  | Fact<'container.cleaned', { readonly run: number }>
  | Fact<'container.clean-failed', { readonly run: number; readonly message: string }>
  | Fact<
      'container.remove-requested',
      { readonly reason: RemovalReason; readonly force: boolean; readonly volumes: boolean }
    >
  | Fact<'container.remove-failed', { readonly message: string }>
  /** A clean-up or an erasure that failed is tried again. */
  | Fact<'container.retry-due', { readonly step: 'clean' | 'erase' }>
  /** SIGKILL was sent for a removal and no exit came in time; the clean-up goes on without it. */
  | Fact<'container.kill-timed-out', { readonly run: number }>
  /** While nothing of it runs: only what it wants is changed. */
  | Fact<'container.attachment-added', { readonly attachment: Attachment }>
  | Fact<'container.attachment-removed', { readonly network: string; readonly name: string }>
  | Fact<
      'container.connect-requested',
      {
        readonly run: number;
        readonly attachment: Attachment;
        readonly endpoint: Endpoint;
      } & Moved
    >
  | Fact<'container.connected', { readonly run: number; readonly network: string }>
  | Fact<
      'container.connect-failed',
      { readonly run: number; readonly network: string; readonly message: string } & Moved
    >
  | Fact<
      'container.disconnect-requested',
      { readonly run: number; readonly network: string } & Moved
    >
  | Fact<'container.disconnected', { readonly run: number; readonly network: string }>
  | Fact<
      'container.disconnect-failed',
      { readonly run: number; readonly network: string; readonly message: string }
    >
  /** `volumes`: those of its own that go with it; absent: none. */
  | Fact<'container.removed', { readonly volumes?: readonly VolumeRef[] }>
  | Fact<'container.renamed', { readonly name: string; readonly oldName: string }>;

export type ContainerFactType = ContainerFact['type'];
