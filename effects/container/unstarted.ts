/** What the log knows of containers that never ran: their roots may have to be made still. */
import type { ImageRef } from '../../machines/container.config.ts';
import type { ContainerContext } from '../../machines/container.context.ts';
import { containerStream, phaseOf } from '../../machines/container.decide.ts';
import { imageClaim } from '../../machines/image.claims.ts';
import type { ActorState, Claim, ContainerId, StreamName } from '../../machines/words.ts';

export interface Unstarted {
  /** Undefined: it ran or is being removed, its root is not ours, or there is no such container. */
  imageOf(id: ContainerId): ImageRef | undefined;
  /** Containers of an image, in no order; they may have been started. */
  madeOf(image: string): readonly ContainerId[];
}

interface LogReader {
  /** The state of a stream. */
  readable(stream: StreamName): { readonly context: unknown } | undefined;
  sharers(claim: Claim): readonly StreamName[];
}

/** From the moment on at which its root may be taken away. */
const isOver = (phase: string): boolean =>
  phase.startsWith('remov') && phase !== 'removing.creating' && phase !== 'removing.starting';

export function unstartedIn(log: LogReader): Unstarted {
  return {
    imageOf(id) {
      const state = log.readable(containerStream(id)) as ActorState<ContainerContext> | undefined;
      if (state === undefined || isOver(phaseOf(state))) return undefined;
      const { everStarted, custom, image } = state.context;
      return everStarted || custom?.root !== undefined ? undefined : image;
    },
    madeOf: (image) =>
      log.sharers(imageClaim(image)).map((stream) => stream.slice(containerStream('').length)),
  };
}
