/** Runtimes as the facade sees them. */
import type { LockedRuntime } from '../machines/container.config.ts';

export interface RuntimeView {
  readonly name: string;
  /** null: a shim of its own, not an OCI runtime under runc's. */
  readonly path: string | null;
  readonly arguments: readonly string[];
  /** JSON that it tells of itself; null: nothing. */
  readonly features: string | null;
}

export type RuntimeAnswer =
  | { readonly kind: 'found'; readonly runtime: LockedRuntime }
  /** No such runtime, and the name is not one that may go to containerd as it is. */
  | { readonly kind: 'unknown' }
  /** Its program is not there; in dockerd's words. */
  | { readonly kind: 'missing'; readonly message: string };
