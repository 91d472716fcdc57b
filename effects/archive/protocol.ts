/**
 * What the daemon and a thread that copies say to each other. One job at a time:
 *
 *   daemon ─► job             thread ─► head    what is known before the first chunk
 *          ─► granted                ─► chunk   as many as were granted and no more
 *          ─► input, input-end       ─► taken   for each input
 *          ─► cancel                 ─► alive   now and then, while nothing else is to say
 *                                    ─► done, failed   always the last
 *
 * The chunks that one side holds are bounded by what the other has granted, so memory stays flat
 * however slow the reader is.
 */
import type { ArchiveErrorKind } from './archiveError.ts';
import type { Change, LayerFiles } from './changes.ts';
import type { CopyInOptions } from './copyIn.ts';
import type { Fill } from './fill.ts';
import type { PathStat } from './pathStat.ts';
import type { MountedFile } from './rootView.ts';

export interface RootOfJob {
  /** Where it is mounted on the host. */
  readonly root: string;
  readonly mounts: readonly MountedFile[];
}

/** Paths are bytes as characters. */
export type Job =
  | ({ readonly kind: 'stat'; readonly path: string } & RootOfJob)
  | ({ readonly kind: 'copy-out'; readonly path: string } & RootOfJob)
  | ({ readonly kind: 'copy-in'; readonly user: string | null } & Omit<CopyInOptions, 'owner'> &
      RootOfJob)
  | { readonly kind: 'export'; readonly root: string }
  | ({ readonly kind: 'fill' } & Fill)
  | { readonly kind: 'changes'; readonly files: LayerFiles }
  | { readonly kind: 'layer'; readonly files: LayerFiles };

export type JobKind = Job['kind'];

/** What is known before the first chunk, and at the end. */
export interface JobResults {
  readonly stat: { readonly head: PathStat; readonly value: null };
  readonly 'copy-out': { readonly head: PathStat; readonly value: null };
  readonly 'copy-in': { readonly head: null; readonly value: null };
  readonly export: { readonly head: null; readonly value: null };
  readonly fill: { readonly head: null; readonly value: null };
  readonly changes: { readonly head: null; readonly value: readonly Change[] };
  readonly layer: { readonly head: null; readonly value: { readonly entries: number } };
}

export type ToThread =
  | { readonly kind: 'job'; readonly job: Job; readonly cancelled: SharedArrayBuffer }
  | { readonly kind: 'granted' }
  | { readonly kind: 'input'; readonly bytes: Uint8Array }
  | { readonly kind: 'input-end' }
  | { readonly kind: 'cancel' };

export type FromThread =
  | { readonly kind: 'head'; readonly value: unknown }
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array }
  | { readonly kind: 'taken' }
  | { readonly kind: 'alive' }
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: ArchiveErrorKind; readonly message: string };

/** Chunks on their way, each direction. */
export const WINDOW = 4;

/** The bytes with memory of their own, to be moved instead of copied. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const own = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  // Small buffers are cut from memory that others use too.
  return own && bytes.byteLength > 4096 ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
