/**
 * Images. One mailbox for all, because a reference moves from one image to another in one append.
 * The blobs are containerd's.
 */
import type { Family, StreamKind } from './decision.ts';
import type { ImageCommand } from './image.commands.ts';
import { decideImage } from './image.decide.ts';
import { imageMachine } from './image.machine.ts';
import { decideImageOutcome, settlesImage } from './image.outcome.ts';
import { step } from './step.ts';

const image: StreamKind = {
  name: 'image',
  revision: 1,
  fold: (state, fact) => step(imageMachine, state, fact),
};

export const imageFamily: Family<ImageCommand> = {
  name: 'image',
  keyOf: (stream) => (stream.startsWith('image/') ? 'images' : undefined),
  keyOfCommand: () => 'images',
  kindOf: () => image,
  decide: (view, input) => {
    if (input.kind === 'command') return decideImage(view, input.command);
    return input.kind === 'outcome' ? decideImageOutcome(view, input) : { kind: 'nothing' };
  },
  /** A container was made of the image between the look and the append. */
  claimRefused: (claim, holder) => ({
    kind: 'image-in-use',
    image: claim.key,
    container: holder.slice('container/'.length),
    running: false,
  }),
  settles: settlesImage,
  endsThings: ({ type }) => type === 'remove-image',
  subject: (view, stream) => view.state(stream)?.context ?? {},
};
