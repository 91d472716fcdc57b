/**
 * Images. One mailbox for all, because a reference moves from one image to another in one append.
 * The reference is a claim; the blobs are containerd's.
 */
import type { Decision, Family, Input, Settlement, StreamKind, View } from './decision.ts';
import type { ImageFact, StagedImage } from './image.facts.ts';
import { type ImageContext, imageMachine } from './image.machine.ts';
import { step } from './step.ts';
import type { Claim, Draft, Fact, StreamName } from './words.ts';

export interface ImageCommand {
  readonly type: 'load-image';
  readonly image: StagedImage;
  /** containerd's lease that keeps the staged blobs until they are published. */
  readonly lease: string;
}

export const imageStream = (id: string): StreamName => `image/${id}`;
export const referenceClaim = (reference: string): Claim => ({ kind: 'reference', key: reference });

const image: StreamKind = {
  name: 'image',
  revision: 1,
  fold: (state, fact) => step(imageMachine, state, fact),
};

function decide(view: View, input: Input<ImageCommand>): Decision {
  if (input.kind === 'command') return load(view, input.command);
  if (input.kind === 'observation') return { kind: 'nothing' };
  const id = String(input.effect.params['id']);
  if (!input.result.ok) {
    const { message } = input.result.error;
    return facts([
      { stream: imageStream(id), fact: { type: 'image.load-failed', data: { message } } },
    ]);
  }
  return loaded(view, id);
}

const facts = (drafts: readonly Draft<ImageFact>[]): Decision => ({ kind: 'facts', drafts });

function load(view: View, { image: staged, lease }: ImageCommand): Decision {
  const state = view.state(imageStream(staged.id));
  if (state?.value === 'loading') return { kind: 'defer', waitingFor: 'loading' };
  const fact: ImageFact = { type: 'image.load-requested', data: { ...staged, lease } };
  return facts([{ stream: imageStream(staged.id), fact }]);
}

/** The references are this image's from now on; whoever had them loses them in the same append. */
function loaded(view: View, id: string): Decision {
  const stream = imageStream(id);
  const context = view.state(stream)?.context as ImageContext | undefined;
  const references = context?.references ?? [];
  const moved = references.flatMap((reference): Draft<ImageFact>[] => {
    const holder = view.holder(referenceClaim(reference));
    if (holder === undefined || holder === stream) return [];
    const fact: ImageFact = { type: 'image.untagged', data: { reference } };
    return [{ stream: holder, fact, free: [referenceClaim(reference)] }];
  });
  const fact: ImageFact = { type: 'image.loaded', data: { references } };
  return facts([...moved, { stream, fact, take: references.map(referenceClaim) }]);
}

function settles(command: ImageCommand, given: Fact, stream: StreamName): Settlement | undefined {
  if (stream !== imageStream(command.image.id)) return undefined;
  const fact = given as ImageFact;
  if (fact.type === 'image.loaded') return { kind: 'done' };
  if (fact.type !== 'image.load-failed') return undefined;
  return { kind: 'refused', refusal: { kind: 'image-load-failed', message: fact.data.message } };
}

export const imageFamily: Family<ImageCommand> = {
  name: 'image',
  keyOf: (stream) => (stream.startsWith('image/') ? 'images' : undefined),
  keyOfCommand: () => 'images',
  kindOf: () => image,
  decide,
  claimRefused: (claim, holder) => ({ kind: 'name-in-use', name: claim.key, holder }),
  settles,
  endsThings: () => false,
  subject: (view, stream) => view.state(stream)?.context ?? {},
};
