/**
 * What the handlers ask of the machine itself: time, processes, mounts and files. One form is the
 * operating system's (hostSystem.ts), the other the simulation's (test/sim/host).
 */
import type { Mount } from '../containerd/types.ts';

/** Every path is absolute. A path whose directory is missing is an error, as with Node's own. */
export interface FilesPort {
  /** With the directories above it; one that is there stays as it is. */
  makeDirectories(path: string, mode: number): Promise<void>;
  /** Not through a link; false if there is nothing. */
  isDirectory(path: string): Promise<boolean>;
  exists(path: string): Promise<boolean>;
  /** When it was last changed, nanoseconds since 1970; undefined if there is nothing. */
  changedNs(path: string): Promise<bigint | undefined>;
  /** Undefined if there is none. */
  readText(path: string): Promise<string | undefined>;
  /** Written in place, made if need be. `fresh`: an error if it is there. */
  writeText(path: string, text: string, options: WriteOptions): Promise<void>;
  makeLink(path: string, target: string): Promise<void>;
  /** With all that is below; fine if there is nothing. */
  remove(path: string): Promise<void>;
  /** Takes an empty directory away; fine if there is none. */
  removeDirectory(path: string): Promise<void>;
}

export interface WriteOptions {
  readonly mode: number;
  readonly fresh?: boolean;
}

export interface MountsPort {
  isMounted(target: string): boolean;
  mount(mount: Mount): Promise<void>;
  /** Throws an error of code `EBUSY` while it is in use, unless it is to be detached. */
  unmount(target: string, options: { readonly detach: boolean }): Promise<void>;
}

/** Files of a container's root, from which no path and no link leads out. */
export interface ConfinedPort {
  /** Undefined if there is no such regular file. */
  readFile(root: string, path: string, maxBytes: number): Buffer | undefined;
  makeDirectories(
    root: string,
    path: string,
    ownership: { readonly mode: number; readonly uid: number; readonly gid: number },
  ): void;
}

export interface ProcessesPort {
  /** Undefined if there is no such process. */
  startTime(pid: number): string | undefined;
  isAlive(pid: number, started: string): boolean;
  /** To that very process and to no other that got its pid since. */
  kill(pid: number, started: string): void;
  /** Ends it with its group, if it leads one and is in that control group. @returns whether */
  killGroup(pid: number, started: string, cgroup: string): boolean;
}

export interface DeviceNode {
  /** As it was asked for. */
  readonly path: string;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Device nodes of the host; links are followed. */
export interface DevicesPort {
  /** Undefined: what lies there is no device. @throws ENOENT and what else the system says */
  node(path: string): DeviceNode | undefined;
  /** All nodes below a directory; undefined: it is none. */
  below(path: string): readonly DeviceNode[] | undefined;
}

export interface ControlGroupsPort {
  /**
   * Takes a group away in all hierarchies, with those below it, and kills what still runs in them.
   * @returns whether it is gone: a process takes a moment to end
   */
  end(root: string, group: string): boolean;
  /**
   * A process is about to be moved into a group, until what this returns is called: the kernel
   * makes ready for it. Changes nothing, and is fine where it can not be done.
   */
  expectMoves(root: string): () => void;
}

export interface ProgramsPort {
  /** On the daemon's PATH, or by its path. */
  lookUp(
    program: string,
  ):
    | { readonly kind: 'found'; readonly file: string }
    | { readonly kind: 'missing'; readonly message: string };
}

export interface SystemPort {
  /** Nanoseconds since 1970. */
  nowNs(): bigint;
  /** Rejects with the signal's reason when it is aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  readonly files: FilesPort;
  readonly mounts: MountsPort;
  readonly confined: ConfinedPort;
  readonly processes: ProcessesPort;
  readonly controlGroups: ControlGroupsPort;
  readonly devices: DevicesPort;
  readonly programs: ProgramsPort;
}
