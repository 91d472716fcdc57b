/**
 * What the daemon and the stdio process say to each other. Both send one hello; then the daemon
 * asks and the process answers, each message a JSON object behind its length (framing.ts). After
 * the answer to `attach` the connection is raw: stdcopy frames one way, an empty one first when the
 * client is joined to a run and one of stderr at the end, unless that is the process's own; stdin
 * the other. After the answer to `watch` it carries `WatchEvent`s. A daemon of a later version has
 * a process of an earlier one hand its runs over to one of its own version, so the hello,
 * `shutdown` and the files of a run (runFiles.ts) are understood for ever; the rest may be added to
 * within a version.
 */
import type { JsonValue } from '../../machines/words.ts';
import type { LogDriver } from './logOptions.ts';

export const protocolName = 'shiplog-stdio';
/**
 * The version spoken here. 2: the log driver `local`, compressed logs. 3: an attached client is
 * told its end, `until-end`.
 */
export const protocolVersion = 3;
/** The earliest version of the other side that is still understood. */
export const oldestVersion = 1;

export interface Hello {
  readonly protocol: string;
  readonly version: number;
  /** The process's alone: who it is. */
  readonly pid?: number;
  readonly startTime?: string;
}

/** One run of a container, as `open` gives it and as it lies in `<container>/<run>.json`. */
export interface RunParameters {
  readonly container: string;
  readonly run: number;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  /** Path of the log; not used with driver `none`. */
  readonly logPath: string;
  readonly logDriver: LogDriver;
  readonly logOptions: Readonly<Record<string, string>>;
  /** What the log options `labels`, `env`, `tag` add to every record; absent: nothing. */
  readonly logAttributes?: Readonly<Record<string, string>>;
}

/** Paths for containerd; `''` where there is no such stream. */
export interface FifoPaths {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface AttachWants {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface RunState {
  readonly container: string;
  readonly run: number;
  /** All output has ended and is in the log. */
  readonly ended: boolean;
  /** Nothing takes input: it was closed, the process has exited, or there never was any. */
  readonly stdinClosed: boolean;
  readonly clients: number;
}

export interface Operations {
  readonly ping: { readonly parameters: Record<string, never>; readonly result: Hello };
  readonly open: { readonly parameters: RunParameters; readonly result: FifoPaths };
  readonly 'await-end': {
    readonly parameters: { readonly container: string; readonly run: number; readonly ms: number };
    readonly result: { readonly ended: boolean };
  };
  readonly 'until-end': {
    readonly parameters: { readonly container: string; readonly run: number };
    readonly result: { readonly ended: boolean };
  };
  readonly 'await-stdin-closed': {
    readonly parameters: { readonly container: string; readonly run: number; readonly ms: number };
    readonly result: { readonly closed: boolean };
  };
  readonly 'close-stdin': {
    readonly parameters: { readonly container: string; readonly run: number };
    readonly result: Record<string, never>;
  };
  readonly close: {
    readonly parameters: { readonly container: string; readonly run: number };
    readonly result: Record<string, never>;
  };
  readonly abandon: {
    readonly parameters: { readonly container: string };
    readonly result: Record<string, never>;
  };
  readonly list: {
    readonly parameters: Record<string, never>;
    readonly result: { readonly runs: readonly RunState[] };
  };
  readonly attach: {
    readonly parameters: { readonly container: string } & AttachWants;
    readonly result: Record<string, never>;
  };
  readonly watch: {
    readonly parameters: { readonly container: string };
    readonly result: Record<string, never>;
  };
  readonly shutdown: {
    readonly parameters: Record<string, never>;
    readonly result: Record<string, never>;
  };
}
export type Operation = keyof Operations;
export type Parameters<O extends Operation> = Operations[O]['parameters'];
export type Result<O extends Operation> = Operations[O]['result'];

export interface Request {
  readonly id: number;
  readonly operation: string;
  readonly parameters: unknown;
}

export type Answer =
  | { readonly id: number; readonly result: JsonValue | object }
  | { readonly id: number; readonly error: string };

/**
 * `grew`: the container's log has more than before; also sent first, when a run is there to follow.
 * `ended`: there is nothing to wait for any more; the connection ends.
 */
export interface WatchEvent {
  readonly event: 'grew' | 'ended';
}
