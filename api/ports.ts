/**
 * What the facade needs of the rest, declared by the one who uses it. main.ts plugs in the real
 * ones; tests plug in small ones. Nothing here is containerd or SQL.
 */

import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import type { Refusal } from '../machines/container.commands.ts';
import type { FamilyCommand } from '../machines/exec.commands.ts';
import type { ImageCommand } from '../machines/image.commands.ts';
import type { Descriptor } from '../machines/image.facts.ts';
import type { Caller, JsonObject, JsonValue } from '../machines/words.ts';
import type {
  ContainerDetails,
  ContainerQueries,
  ExecQueries,
  ImageQueries,
  ImageView,
} from '../projections/views.ts';
import type { DaemonInfo } from './daemonInfo.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Subscribers } from './metrics/subscribers.ts';
import type { Native } from './native/ports.ts';
import type { Networks } from './networks/ports.ts';
import type { RuntimeAnswer } from './runtimes.ts';
import type { Usage } from './usage.ts';
import type { Volumes } from './volumes/ports.ts';

export type { DaemonInfo };

export interface RequestInfo {
  /** Unique per request; in the log as part of the cause. */
  readonly id: string;
  readonly caller: Caller;
}

export type CommandOutcome =
  /** Accepted, carried out, and what it was to lead to has happened and is durable. */
  | { readonly kind: 'done' }
  /** Nothing to do: it is so already (304 where Docker says so). */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface Commands {
  submit(command: FamilyCommand, request: RequestInfo): Promise<CommandOutcome>;
}

/** A fact as the facade reads it back from the log. */
export interface LoggedFact {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: JsonObject;
  readonly atNs: bigint;
  /** Why it was written; `request`: by which request. */
  readonly cause?: { readonly request?: string };
}

export interface LogReader {
  head(): number;
  /** Facts after `position`, oldest first. */
  read(position: number, limit?: number): readonly LoggedFact[];
  /** Last position at or before the time; 0 if none. */
  positionAt(ns: bigint): number;
  /** Emits the head's position whenever it moves (law 13: wake-ups, not facts). */
  readonly head$: Observable<number>;
}

/** An event that changed no state, told beside the log. */
export interface SideEvent {
  readonly seq: number;
  /** Of the fact after which it comes. */
  readonly position: number;
  /** Stream that it is about. */
  readonly subject: string;
  readonly action: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly atNs: bigint;
}

/** Tells an event that changes no state, as of now: `/events` shows it, nothing else does. */
export type Tell = (event: Pick<SideEvent, 'subject' | 'action' | 'attributes'>) => void;

/** The daemon's side table: bounded, so that old events are missing. */
export interface SideReader {
  /** Number of the newest event. */
  head(): number;
  /** Events after `seq`, oldest first. */
  after(seq: number, limit?: number): readonly SideEvent[];
  readonly head$: Observable<number>;
  /** The newest few of a kind that were kept of a subject, oldest first. */
  kept(subject: string, kind: string): readonly JsonValue[];
}

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface LogOptions {
  /** How the container's log is kept: the driver of its LogConfig. */
  readonly driver: string;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** Nanoseconds since 1970; null: no bound. */
  readonly sinceNs: bigint | null;
  readonly untilNs: bigint | null;
  /** Number of records from the end; null: all. */
  readonly tail: number | null;
}

/** Records of a log in a row that differ in their line alone. */
export interface LogSpan {
  readonly stream: 'stdout' | 'stderr';
  readonly timeNs: bigint;
  /** What log options ask to be kept with each record; absent: nothing. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly records: number;
  /** Of its frames, headers included. */
  readonly bytes: number;
}

export interface LogPage {
  /**
   * A stdcopy frame (8-byte header) for each record, also with a TTY: its line as written by the
   * container, with its newline if it had one.
   */
  readonly frames: Buffer;
  /** Of what they consist, in their order. */
  readonly spans: readonly LogSpan[];
}

export interface Streams {
  /**
   * Output and input of a container's present run, or of its next one if none is running.
   * Readable side: stdcopy frames (8-byte header), also with a TTY. Writable
   * side: raw stdin; ending it closes the container's stdin if it was opened with StdinOnce. The
   * readable side ends when the run's output has ended. Bytes from the moment of the call on;
   * registered when it resolves.
   */
  attach(id: string, options: AttachOptions): Promise<Duplex>;
  /** The same for an exec, by its id; registered for its start, which must come after. */
  attachExec(id: string, options: AttachOptions): Promise<Duplex>;
  /**
   * Records of the container's log file, in pages that are valid until the next is asked for; with
   * follow until its output has ended.
   */
  logs(id: string, options: LogOptions, signal: AbortSignal): AsyncIterable<LogPage>;
  resize(id: string, height: number, width: number): Promise<void>;
  /** The terminal of a running exec of the container. */
  resizeExec(container: string, exec: string, height: number, width: number): Promise<void>;
}

/** What the host's `ps` says of a container's processes. */
export interface ProcessTable {
  readonly titles: readonly string[];
  readonly processes: readonly (readonly string[])[];
}

/** The processes of a running container. */
export interface Processes {
  /** One will be asked for in a moment, perhaps: what can be made ready for it is. Never throws. */
  expectExec(): void;
  /** Throws with the complaint of `ps` about its arguments. */
  table(id: string, psArguments: string): Promise<ProcessTable>;
  /** Undefined when it has just ended. */
  usage(container: ContainerDetails): Promise<Usage | undefined>;
}

/** What lies at a path of a container. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** As Go's FileMode has it. */
  readonly mode: number;
  /** Nanoseconds since 1970, decimal. */
  readonly mtimeNs: string;
  /** Where a link leads within the container; else empty. */
  readonly linkTarget: string;
}

export interface CopyInOptions {
  readonly path: string;
  /** A directory does not replace what is none, nor the other way round. */
  readonly noOverwriteDirNonDir: boolean;
  readonly rootReadOnly: boolean;
  /** Whose all of it becomes, as in the container's config; null: as the tar says. */
  readonly user: string | null;
}

/**
 * Files of containers, running or not. What goes wrong is an error named `ArchiveError` with a
 * `kind`: not-found, gone, invalid, read-only, refused, failed.
 */
export interface Archives {
  stat(id: string, path: string, signal: AbortSignal): Promise<PathStat>;
  copyOut(
    id: string,
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly stat: PathStat; readonly chunks: AsyncIterable<Buffer> }>;
  copyIn(
    id: string,
    options: CopyInOptions,
    tar: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void>;
  export(id: string, signal: AbortSignal): AsyncIterable<Buffer>;
  /** 0 changed, 1 added, 2 removed; by path. */
  changes(
    id: string,
    signal: AbortSignal,
  ): Promise<readonly { readonly path: string; readonly kind: 0 | 1 | 2 }[]>;
}

export type LoadMessage =
  | { readonly kind: 'loaded'; readonly reference: string }
  | { readonly kind: 'loaded-id'; readonly id: string };

/** What an import makes of the tar of a root file system. */
export interface ImportedTar {
  readonly platform: {
    readonly os: string;
    readonly architecture: string;
    readonly variant: string;
  };
  /** The image's `config`. */
  readonly config: JsonObject;
  readonly message: string;
  /** RFC 3339. */
  readonly created: string;
  /** Normalised; null: the image gets no name. */
  readonly reference: string | null;
}

/** An image of what a container is now. */
export interface CommitWishes {
  /** Manifest of the container's image. */
  readonly parent: Descriptor;
  /** The container. */
  readonly container: string;
  /** What the container runs, for people to read. */
  readonly createdBy: string;
  /** The image's `config`. */
  readonly config: JsonObject;
  readonly author: string;
  readonly comment: string;
  /** RFC 3339. */
  readonly created: string;
  /** Normalised; null: the image gets no name. */
  readonly reference: string | null;
}

export interface SavedImage {
  readonly image: ImageView;
  /** References that go into the archive: whole, as people know them, the tag; may be none. */
  readonly names: readonly {
    readonly full: string;
    readonly short: string;
    readonly tag: string;
  }[];
}

export interface ImageStore {
  /**
   * Reads an archive of images (docker's or an OCI layout; plain, gzip or zstd). Throws
   * `LoadError` if it is not one; then nothing is kept.
   */
  load(archive: Readable, request: RequestInfo, signal: AbortSignal): AsyncIterable<LoadMessage>;
  /** @returns the new image's id. Throws `LoadError` if the tar is damaged. */
  import(
    tar: Readable,
    asked: ImportedTar,
    request: RequestInfo,
    signal: AbortSignal,
  ): Promise<string>;
  /** @returns the new image's id. Throws as `Archives` does, too. */
  commit(wishes: CommitWishes, request: RequestInfo, signal: AbortSignal): Promise<string>;
  /** An archive of the images, at the reader's pace; on record when its last byte was taken. */
  save(
    images: readonly SavedImage[],
    request: RequestInfo,
    signal: AbortSignal,
  ): AsyncIterable<Buffer>;
  submit(command: ImageCommand, request: RequestInfo): Promise<CommandOutcome>;
  /** Puts on record how many bytes a prune has freed. */
  pruned(reclaimed: number): Promise<void>;
}

/** Measured when asked, within a bounded time; nothing that lasts on a frequent path. */
export interface Sizes {
  /** Bytes that each container wrote, by id; those that could not be measured are absent. */
  written(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** Values of secrets by digest; erased ones are absent. */
export interface Secrets {
  reveal(digests: readonly string[]): ReadonlyMap<string, string>;
}

export interface Daemon {
  info(): DaemonInfo;
  /** True once the first reconcile is over. */
  ready(): boolean;
  /** Resolves when ready, when containerd turns out to be away, or after the time given. */
  whenReady(ms: number): Promise<boolean>;
}

/** Time and chance, passed in (law 2). */
export interface Ambient {
  nowNs(): bigint;
  /** Lower-case hex of `bytes` random bytes. */
  randomHex(bytes: number): string;
}

/** Who is at the other end of a unix socket. */
export interface Peer {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  /** Path of its program, as far as it can be seen. */
  readonly executable?: string;
}

type Pruned = 'builder' | 'container' | 'network' | 'volume';

export interface ApiPorts {
  readonly commands: Commands;
  readonly containers: ContainerQueries;
  readonly networks: Networks;
  readonly images: ImageQueries;
  readonly execs: ExecQueries;
  readonly log: LogReader;
  readonly side: SideReader;
  readonly tell: Tell;
  readonly streams: Streams;
  readonly archives: Archives;
  readonly processes: Processes;
  readonly imageStore: ImageStore;
  readonly volumes: Volumes;
  readonly sizes: Sizes;
  readonly secrets: Secrets;
  readonly daemon: Daemon;
  readonly ambient: Ambient;
  readonly metrics: Pick<Metrics, 'render'>;
  readonly subscribers: Subscribers;
  readonly native: Native;
  /** What a start would be locked to now. */
  runtime(name: string): RuntimeAnswer;
  /** Puts on record what a prune took away, for the event; `reclaimed` in bytes. */
  pruned(what: Pruned, reclaimed: number, request: RequestInfo): Promise<void>;
  /**
   * Closes the socket soon after its client, which has ended its direction, is gone altogether: of
   * a quiet container nothing is written that would show it.
   */
  closeWhenGone(socket: Socket): void;
  /** Peer of a unix socket connection, by its file descriptor. */
  peer(fd: number): Peer | undefined;
}
