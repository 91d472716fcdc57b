/** What can be asked of volumes, and why it may be refused. */
import type { VolumeData } from './volume.facts.ts';

export type VolumeCommand =
  /** One of that name that is there already is fine. `incarnation`: the first that may be free. */
  | ({ readonly type: 'create-volume' } & VolumeData)
  | { readonly type: 'remove-volume'; readonly name: string; readonly incarnation: number };

export type VolumeRefusal =
  | { readonly kind: 'no-such-volume'; readonly name: string }
  | {
      readonly kind: 'volume-in-use';
      readonly name: string;
      /** Ids of the containers; empty: one that is made just now. */
      readonly containers: readonly string[];
    }
  | {
      readonly kind: 'volume-failed';
      readonly doing: 'create' | 'remove';
      readonly name: string;
      readonly message: string;
    };
