/** What may be asked of a container, and every way it can be refused. */
import type {
  ContainerChanges,
  ContainerConfig,
  CustomParts,
  HostConfig,
  ImageRef,
  LockedRuntime,
  SecretRef,
} from './container.config.ts';
import type { AdoptedContainer, StartFailure } from './container.facts.ts';
import type { MountPoint } from './container.mounts.ts';
import type { ImageRefusal } from './image.commands.ts';
import type { NetworkRefusal } from './network.commands.ts';
import type { Attachment } from './network.config.ts';
import type { VolumeRefusal } from './volume.commands.ts';
import type { ContainerId } from './words.ts';

/**
 * A secret on its way into the side table: the fact keeps `ref`, the table keeps salt and value.
 */
export interface SecretValue {
  readonly ref: SecretRef;
  /** 16 random bytes, hex. */
  readonly salt: string;
  readonly value: string;
}

/** Its name means nothing, or its program is not there: the start fails, and that is recorded. */
export interface UnusableRuntime {
  readonly unusable: StartFailure;
}

export type ContainerCommand =
  | {
      readonly type: 'create';
      readonly id: ContainerId;
      readonly name: string;
      readonly image: ImageRef;
      readonly config: ContainerConfig;
      readonly hostConfig: HostConfig;
      readonly env: readonly SecretValue[];
      readonly platform: string;
      readonly warnings: readonly string[];
      /** Absent: none. */
      readonly mounts?: readonly MountPoint[];
      /** Absent: that of its network mode, with no wishes. */
      readonly networks?: readonly Attachment[];
      readonly custom?: CustomParts;
      /** What will hold its root. Absent: nobody knows before it is prepared. */
      readonly snapshotter?: string;
    }
  | ({ readonly type: 'adopt' } & AdoptedContainer)
  | {
      readonly type: 'start';
      readonly id: ContainerId;
      readonly runtime: LockedRuntime | UnusableRuntime;
    }
  | {
      readonly type: 'stop';
      readonly id: ContainerId;
      readonly signal: number;
      /** null: wait for ever; 0: kill at once after the signal. */
      readonly timeoutMs: number | null;
    }
  | {
      readonly type: 'restart';
      readonly id: ContainerId;
      readonly signal: number;
      readonly timeoutMs: number | null;
      readonly runtime: LockedRuntime;
    }
  | { readonly type: 'kill'; readonly id: ContainerId; readonly signal: number }
  | { readonly type: 'pause'; readonly id: ContainerId }
  | { readonly type: 'unpause'; readonly id: ContainerId }
  | {
      readonly type: 'remove';
      readonly id: ContainerId;
      readonly force: boolean;
      readonly volumes: boolean;
    }
  | { readonly type: 'rename'; readonly id: ContainerId; readonly name: string }
  | { readonly type: 'connect'; readonly id: ContainerId; readonly attachment: Attachment }
  | {
      readonly type: 'disconnect';
      readonly id: ContainerId;
      /** Name or id. */
      readonly network: string;
      readonly force: boolean;
    }
  | ({ readonly type: 'update'; readonly id: ContainerId } & ContainerChanges);

export type ContainerCommandType = ContainerCommand['type'];

/**
 * What an update contradicts. `swap`: a memory limit above the stored one of memory and swap;
 * `nano-*`: NanoCpus while a period or quota is set; `*-nano`: the reverse.
 */
export type UpdateConflict =
  | 'auto-remove'
  | 'swap'
  | 'nano-period'
  | 'nano-quota'
  | 'period-nano'
  | 'quota-nano';

/**
 * Why a command was not carried out. The kinds are ours; status and text of each, as Docker's
 * clients expect them, stand in api/errors.ts and nowhere else.
 */
export type Refusal =
  | { readonly kind: 'no-such-container'; readonly ref: string }
  | { readonly kind: 'name-in-use'; readonly name: string; readonly holder: ContainerId }
  | { readonly kind: 'not-running'; readonly id: ContainerId }
  | {
      readonly kind: 'paused';
      readonly id: ContainerId;
      readonly command: ContainerCommandType | 'exec';
    }
  | { readonly kind: 'already-paused'; readonly id: ContainerId }
  | { readonly kind: 'not-paused'; readonly id: ContainerId }
  | {
      readonly kind: 'marked-for-removal';
      readonly id: ContainerId;
      readonly command: ContainerCommandType;
    }
  | { readonly kind: 'removal-in-progress'; readonly id: ContainerId }
  | { readonly kind: 'running-needs-force'; readonly id: ContainerId }
  | { readonly kind: 'paused-needs-force'; readonly id: ContainerId }
  | { readonly kind: 'restarting'; readonly id: ContainerId }
  | {
      readonly kind: 'update-conflict';
      readonly id: ContainerId;
      readonly conflict: UpdateConflict;
    }
  | { readonly kind: 'same-name'; readonly id: ContainerId }
  /** The log has, or had, a container of that id: ids are never used twice. */
  | { readonly kind: 'id-known'; readonly id: ContainerId }
  /** How it was started is not known, so it is not started again, nor is anything in it. */
  | {
      readonly kind: 'adopted';
      readonly id: ContainerId;
      readonly command: ContainerCommandType | 'exec';
    }
  | { readonly kind: 'adopt-failed'; readonly id: ContainerId; readonly message: string }
  /** The command was accepted, and what it led to went wrong. */
  | { readonly kind: 'create-failed'; readonly message: string }
  | { readonly kind: 'start-failed'; readonly message: string; readonly exitCode: number }
  | { readonly kind: 'signal-failed'; readonly id: ContainerId; readonly message: string }
  | { readonly kind: 'stop-failed'; readonly id: ContainerId; readonly message: string }
  | { readonly kind: 'pause-failed'; readonly id: ContainerId; readonly message: string }
  | { readonly kind: 'unpause-failed'; readonly id: ContainerId; readonly message: string }
  | { readonly kind: 'update-failed'; readonly id: ContainerId; readonly message: string }
  | { readonly kind: 'remove-failed'; readonly id: ContainerId; readonly message: string }
  | { readonly kind: 'no-such-exec'; readonly exec: string }
  | { readonly kind: 'exec-running'; readonly exec: string }
  /** An exec is started once. */
  | { readonly kind: 'exec-ran'; readonly exec: string }
  | {
      readonly kind: 'exec-start-failed';
      readonly message: string;
      readonly exitCode: number;
    }
  | { readonly kind: 'image-load-failed'; readonly message: string }
  | ImageRefusal
  | VolumeRefusal
  /** Between the look and the create it was removed. */
  | { readonly kind: 'volume-gone'; readonly name: string }
  | NetworkRefusal
  /** Another operation of the same container is under way and did not end in time. */
  | { readonly kind: 'busy'; readonly id: ContainerId; readonly waitingFor: string }
  | { readonly kind: 'deadline'; readonly command: string }
  /** containerd is away. `sinceNs`: since when, nanoseconds since 1970 in decimal digits. */
  | { readonly kind: 'runtime-away'; readonly sinceNs: string }
  /** A bug stopped this actor; only inspect and forced removal are left. */
  | { readonly kind: 'actor-stopped'; readonly stream: string; readonly reason: string }
  | { readonly kind: 'log-failed'; readonly message: string };
