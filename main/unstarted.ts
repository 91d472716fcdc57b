/** Containers that never ran, out of the log. */
import type { Unstarted } from '../effects/container/unstarted.ts';
import type { ContainerContext } from '../machines/container.context.ts';
import { containerStream, phaseOf } from '../machines/container.decide.ts';
import type { ContainerFact } from '../machines/container.facts.ts';
import { imageClaim } from '../machines/image.claims.ts';
import type { ActorState, Claim, StreamName } from '../machines/words.ts';

interface LogReader {
  /** The state of a stream. */
  readable(stream: StreamName): { readonly context: unknown } | undefined;
  sharers(claim: Claim): readonly StreamName[];
  onCommit(
    listener: (facts: readonly { readonly type: string; readonly data: unknown }[]) => void,
  ): unknown;
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
    follow: (born) =>
      void log.onCommit((facts) => {
        for (const fact of facts as readonly ContainerFact[])
          if (fact.type === 'container.create-requested' && fact.data.rootLater === true)
            born(fact.data.id);
      }),
  };
}
