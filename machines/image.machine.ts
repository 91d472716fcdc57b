/** What can happen to an image. Stream `image/<config digest>`. Diagram: docs/machines/image.md. */
import { assertEvent, assign, setup } from 'xstate';
import type { EffectParams } from './effects.ts';
import type { ImageFact, StagedImage } from './image.facts.ts';

export interface ImageContext extends StagedImage {
  /** References that point to it now. */
  readonly tags: readonly string[];
}

export type ImageEvent = {
  [F in ImageFact as F['type']]: { type: F['type'] } & F['data'];
}[ImageFact['type']];

const none = <P>(_: unknown, _params: P): void => undefined;

const publish = {
  type: 'image.publish',
  params: ({ context, event }: { context: ImageContext; event: ImageEvent }) => ({
    id: context.id,
    lease: 'lease' in event ? event.lease : '',
    ...('origin' in event && event.origin !== undefined ? { origin: event.origin } : {}),
  }),
} as const;

/** The record in containerd, of a reference that came or went. */
const about = ({ context, event }: { context: ImageContext; event: ImageEvent }) => ({
  id: context.id,
  reference: 'reference' in event ? event.reference : '',
});
const tag = { type: 'image.tag', params: about } as const;
const untag = { type: 'image.untag', params: about } as const;
const remove = {
  type: 'image.remove',
  params: ({ context }: { context: ImageContext }) => ({ id: context.id }),
} as const;

const EMPTY: ImageContext = {
  id: '',
  target: { mediaType: '', digest: '', size: 0 },
  references: [],
  chainId: '',
  diffIds: [],
  size: 0,
  created: '',
  architecture: '',
  os: '',
  variant: '',
  author: '',
  config: {},
  tags: [],
};

const present = {
  'image.load-requested': { target: 'loading', actions: ['staged', publish] },
  'image.tagged': { actions: ['tagged', tag] },
  'image.untagged': [
    { guard: 'recordGoes', actions: ['untagged', untag] },
    { actions: 'untagged' },
  ],
  'image.reference-settled': { actions: 'noted' },
  'image.reference-failed': { actions: 'noted' },
  'image.remove-requested': { target: 'removing', actions: remove },
  'image.saved': { actions: 'noted' },
} as const;

export const imageMachine = setup({
  types: { context: {} as ImageContext, events: {} as ImageEvent },
  actions: {
    'image.publish': none<EffectParams['image.publish']>,
    'image.tag': none<EffectParams['image.tag']>,
    'image.untag': none<EffectParams['image.untag']>,
    'image.remove': none<EffectParams['image.remove']>,
    noted: assign({}),
    staged: assign(({ context, event }) => {
      assertEvent(event, 'image.load-requested');
      const { type: _, lease: __, origin: ___, ...image } = event;
      return { ...EMPTY, ...image, tags: context.tags };
    }),
    loaded: assign(({ context, event }) => {
      assertEvent(event, 'image.loaded');
      return { tags: [...new Set([...context.tags, ...event.references])].sort() };
    }),
    tagged: assign(({ context, event }) => {
      assertEvent(event, 'image.tagged');
      return { tags: [...new Set([...context.tags, event.reference])].sort() };
    }),
    untagged: assign(({ context, event }) => {
      assertEvent(event, 'image.untagged');
      return { tags: context.tags.filter((one) => one !== event.reference) };
    }),
    forgotten: assign(({ context }) => ({ ...EMPTY, id: context.id })),
  },
  guards: {
    recordGoes: ({ event }) => 'by' in event && event.by === 'untag',
  },
}).createMachine({
  id: 'image',
  context: EMPTY,
  initial: 'absent',
  states: {
    absent: { on: { 'image.load-requested': { target: 'loading', actions: ['staged', publish] } } },
    loading: {
      on: {
        'image.loaded': { target: 'loaded', actions: 'loaded' },
        'image.load-failed': 'failed',
        'image.untagged': { actions: 'untagged' },
        'image.reference-settled': { actions: 'noted' },
        'image.reference-failed': { actions: 'noted' },
        'image.saved': { actions: 'noted' },
      },
    },
    /** Not loaded, or loaded before and not again: what was there then is there still. */
    failed: { on: present },
    loaded: { on: present },
    removing: {
      on: {
        'image.removed': { target: 'removed', actions: 'forgotten' },
        'image.remove-failed': 'loaded',
        'image.reference-settled': { actions: 'noted' },
        'image.reference-failed': { actions: 'noted' },
        'image.saved': { actions: 'noted' },
      },
    },
    /** It can be loaded again. */
    removed: {
      on: { 'image.load-requested': { target: 'loading', actions: ['staged', publish] } },
    },
  },
});
