/** What the log knows of containers that never ran: their roots may have to be made still. */
import type { ImageRef } from '../../machines/container.config.ts';
import type { ContainerId } from '../../machines/words.ts';

export interface Unstarted {
  /** Undefined: it ran or is being removed, its root is not ours, or there is no such container. */
  imageOf(id: ContainerId): ImageRef | undefined;
  /** Containers of an image, in no order; they may have been started. */
  madeOf(image: string): readonly ContainerId[];
  /** Tells of every container that is made from now on with nothing of it in the world. */
  follow(born: (id: ContainerId) => void): void;
}
