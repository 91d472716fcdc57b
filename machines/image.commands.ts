/** What can be asked of images, and why it may be refused. */
import type { SecretValue } from './container.commands.ts';
import type { ImageOrigin, StagedImage } from './image.facts.ts';
import type { ContainerId } from './words.ts';

export interface StagedUnderLease {
  readonly image: StagedImage;
  /** What `image.env` refers to. */
  readonly secrets?: readonly SecretValue[];
  /** containerd's lease that keeps the staged blobs until they are published. */
  readonly lease: string;
}

export type ImageCommand =
  /** All of one archive, or none of it; no image twice. */
  | {
      readonly type: 'load-image';
      readonly images: readonly StagedUnderLease[];
      readonly origin: ImageOrigin;
    }
  | { readonly type: 'tag-image'; readonly id: string; readonly reference: string }
  | {
      readonly type: 'remove-image';
      readonly id: string;
      /** Normalised; null: all of them, because the image was asked for by its id. */
      readonly references: readonly string[] | null;
      /** As the caller named it, for the text of a refusal. */
      readonly given: string;
      /** Also when stopped containers use it, or several references point to it. */
      readonly force: boolean;
    }
  /** Nothing changes; it is on record that the image was handed out. */
  | { readonly type: 'note-image-saved'; readonly ids: readonly string[] };

export type ImageRefusal =
  | { readonly kind: 'no-such-image'; readonly ref: string }
  /** Without its last reference the image would be lost to the container that was made of it. */
  | {
      readonly kind: 'image-reference-in-use';
      readonly reference: string;
      readonly image: string;
      readonly container: ContainerId;
    }
  | {
      readonly kind: 'image-in-use';
      readonly image: string;
      readonly container: ContainerId;
      readonly running: boolean;
    }
  | { readonly kind: 'image-in-repositories'; readonly image: string }
  | { readonly kind: 'image-change-failed'; readonly message: string };
