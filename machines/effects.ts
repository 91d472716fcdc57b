/**
 * Every effect a machine may ask for, with its params and what its handler answers. How each is
 * done stands in effects/registry.ts, whose type demands a handler for every entry of
 * `EffectParams`.
 */
import type { ContainerChanges } from './container.config.ts';
import type { ImageOrigin } from './image.facts.ts';
import type { EndpointRef } from './network.config.ts';
import type { ProcessIdentity } from './task.facts.ts';
import type { ContainerId } from './words.ts';

/** One exec in one run of a container. */
export interface ExecRef {
  readonly id: ContainerId;
  readonly run: number;
  readonly exec: string;
}

export interface EffectParams {
  /** Lease, writable snapshot with its init layer, and the container's own directory. */
  readonly 'root.prepare': { readonly id: ContainerId };
  /** Label somebody else's record as that of the run. */
  readonly 'run.adopt': { readonly id: ContainerId; readonly run: number };
  /** Mount the root, open the output, write containerd's record for this run, create the task. */
  readonly 'task.create': { readonly id: ContainerId; readonly run: number };
  readonly 'task.start': { readonly id: ContainerId; readonly run: number };
  /** Answers when the process has ended and its output is read, however long that takes. */
  readonly 'task.await-exit': { readonly id: ContainerId; readonly run: number };
  readonly 'task.kill': {
    readonly id: ContainerId;
    readonly run: number;
    readonly signal: number;
  };
  readonly 'task.pause': { readonly id: ContainerId; readonly run: number };
  readonly 'task.resume': { readonly id: ContainerId; readonly run: number };
  /** Bring changed resources into the control group of the run, if it is there still. */
  readonly 'task.update': {
    readonly id: ContainerId;
    readonly run: number;
    readonly changes: ContainerChanges;
  };
  /** Write containerd's record again, which somebody deleted from under the task. */
  readonly 'run.record': { readonly id: ContainerId; readonly run: number };
  /**
   * Delete the task, containerd's record, FIFOs and mount of this run, whatever state they are
   * in.
   */
  readonly 'run.clean': { readonly id: ContainerId; readonly run: number };
  /** Delete snapshot, lease, directory and log of the container. */
  readonly 'container.erase': { readonly id: ContainerId };
  /** Open the output of an exec, add its process to the task, and let it run. */
  readonly 'exec.start': ExecRef;
  /** Answers when the exec's process has ended and its output is read, however long that takes. */
  readonly 'exec.await-exit': ExecRef;
  /** Delete process and FIFOs of an exec, whatever state they are in. */
  readonly 'exec.clean': ExecRef;
  /** Probes at its times; answers when a probe changed status or count, however long that takes. */
  readonly 'health.watch': { readonly id: ContainerId; readonly run: number };
  /** Delete process and FIFOs of the run's last probe, whatever state they are in. */
  readonly 'health.clean': { readonly id: ContainerId; readonly run: number };
  /** Write containerd's image records for the references, then let go of the staging lease. */
  readonly 'image.publish': {
    readonly id: string;
    readonly lease: string;
    /** Goes into the fact of the outcome. */
    readonly origin?: ImageOrigin;
  };
  /** Make containerd's record of the reference point to the image, if the log still says so. */
  readonly 'image.tag': { readonly id: string; readonly reference: string };
  /** Delete containerd's record of the reference, unless it is the image's again. */
  readonly 'image.untag': { readonly id: string; readonly reference: string };
  /** Delete all records of the image, and let the collector take what nothing else refers to. */
  readonly 'image.remove': { readonly id: string };
  /** The volume's directory, empty; the options of its driver are looked at. */
  readonly 'volume.prepare': { readonly name: string };
  /** Unmount the volume if it is, and delete all that is in it. */
  readonly 'volume.erase': { readonly name: string };
  /** Bridge and rules of a network. */
  readonly 'network.create': { readonly id: string };
  /** Nothing is left of it in the host. */
  readonly 'network.remove': { readonly id: string };
  /** Plug a running container into a network that it has a place in. */
  readonly 'endpoint.attach': EndpointRef;
  readonly 'endpoint.detach': EndpointRef;
  /** Not done by a handler: the agenda itself answers when the time is up. */
  readonly timer: { readonly key: string; readonly ms: number };
  /** Not done by a handler: closes this stream's open agenda rows of that key. */
  readonly cancel: { readonly key: string };
}

export type EffectType = keyof EffectParams;
export type HandledEffectType = Exclude<EffectType, 'timer' | 'cancel'>;

/** What the handler of each effect answers when it is done. */
export interface EffectData {
  readonly 'root.prepare': { readonly snapshotter: string };
  readonly 'run.adopt': {
    /** null: there is a record and no task. */
    readonly task: (ProcessIdentity & { readonly paused: boolean }) | null;
    /** When its process was started, decimal nanoseconds; null: not known. */
    readonly atNs: string | null;
  };
  readonly 'task.create': ProcessIdentity;
  readonly 'task.start': {
    readonly pid: number;
    /** When the runtime was told to start, decimal nanoseconds; null: it ran already. */
    readonly atNs: string | null;
  };
  readonly 'task.await-exit': import('./container.facts.ts').ExitRecord;
  readonly 'task.kill': Record<string, never>;
  readonly 'task.pause': Record<string, never>;
  readonly 'task.resume': Record<string, never>;
  readonly 'task.update': Record<string, never>;
  readonly 'run.record': Record<string, never>;
  readonly 'run.clean': Record<string, never>;
  readonly 'container.erase': Record<string, never>;
  readonly 'exec.start': {
    readonly pid: number;
    /** How it ended, where that is known as soon as that it ran. */
    readonly exit?: import('./container.facts.ts').ExitRecord;
  };
  readonly 'exec.await-exit': import('./container.facts.ts').ExitRecord;
  readonly 'exec.clean': Record<string, never>;
  readonly 'health.watch': import('./health.facts.ts').ProbeVerdict;
  readonly 'health.clean': Record<string, never>;
  readonly 'image.publish': Record<string, never>;
  readonly 'image.tag': Record<string, never>;
  readonly 'image.untag': Record<string, never>;
  readonly 'image.remove': Record<string, never>;
  readonly 'volume.prepare': Record<string, never>;
  readonly 'volume.erase': Record<string, never>;
  readonly 'network.create': Record<string, never>;
  readonly 'network.remove': Record<string, never>;
  readonly 'endpoint.attach': Record<string, never>;
  readonly 'endpoint.detach': Record<string, never>;
}
