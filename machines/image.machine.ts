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
  }),
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

export const imageMachine = setup({
  types: { context: {} as ImageContext, events: {} as ImageEvent },
  actions: {
    'image.publish': none<EffectParams['image.publish']>,
    noted: assign({}),
    staged: assign(({ context, event }) => {
      assertEvent(event, 'image.load-requested');
      const { type: _, lease: __, ...image } = event;
      return { ...image, tags: context.tags };
    }),
    tagged: assign(({ context, event }) => {
      assertEvent(event, 'image.loaded');
      return { tags: [...new Set([...context.tags, ...event.references])].sort() };
    }),
    untagged: assign(({ context, event }) => {
      assertEvent(event, 'image.untagged');
      return { tags: context.tags.filter((tag) => tag !== event.reference) };
    }),
  },
}).createMachine({
  id: 'image',
  context: EMPTY,
  initial: 'absent',
  states: {
    absent: { on: { 'image.load-requested': { target: 'loading', actions: ['staged', publish] } } },
    loading: {
      on: {
        'image.loaded': { target: 'loaded', actions: 'tagged' },
        'image.load-failed': 'failed',
        'image.untagged': { actions: 'untagged' },
      },
    },
    failed: { on: { 'image.load-requested': { target: 'loading', actions: ['staged', publish] } } },
    loaded: {
      on: {
        'image.load-requested': { target: 'loading', actions: ['staged', publish] },
        'image.untagged': { actions: 'untagged' },
      },
    },
  },
});
