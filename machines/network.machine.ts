/** What can happen to a network. Stream `network/<id>`. Diagram: docs/machines/network.md. */
import { assertEvent, assign, setup } from 'xstate';
import type { EffectParams } from './effects.ts';
import type { NetworkConfig } from './network.config.ts';
import type { NetworkFact } from './network.facts.ts';

export type NetworkContext = NetworkConfig;

export type NetworkEvent = {
  [F in NetworkFact as F['type']]: { type: F['type'] } & F['data'];
}[NetworkFact['type']];

const none = <P>(_: unknown, _params: P): void => undefined;
const idOf = ({ context }: { context: NetworkContext }) => ({ id: context.id });
const create = { type: 'network.create', params: idOf } as const;
const remove = { type: 'network.remove', params: idOf } as const;

const EMPTY: NetworkContext = {
  id: '',
  name: '',
  driver: '',
  predefined: false,
  enableIPv6: false,
  internal: false,
  attachable: false,
  pools: [],
  ipam: { Driver: '', Options: null },
  options: {},
  labels: {},
  bridge: '',
  hostIPv6: false,
};

export const networkMachine = setup({
  types: { context: {} as NetworkContext, events: {} as NetworkEvent },
  actions: {
    'network.create': none<EffectParams['network.create']>,
    'network.remove': none<EffectParams['network.remove']>,
    born: assign(({ event }) => {
      assertEvent(event, 'network.create-requested');
      const { type: _, ...config } = event;
      return config;
    }),
  },
}).createMachine({
  id: 'network',
  context: EMPTY,
  initial: 'absent',
  states: {
    absent: {
      on: { 'network.create-requested': { target: 'creating', actions: ['born', create] } },
    },
    creating: {
      on: {
        'network.created': 'active',
        // What there is of it goes, and nobody ever sees it.
        'network.create-failed': { target: 'undoing', actions: remove },
      },
    },
    undoing: {
      on: {
        'network.removed': 'removed',
        'network.remove-failed': 'removed',
      },
    },
    active: {
      on: { 'network.remove-requested': { target: 'removing', actions: remove } },
    },
    removing: {
      on: {
        'network.removed': 'removed',
        // It is there, and can be removed again.
        'network.remove-failed': 'active',
      },
    },
    removed: { type: 'final' },
  },
});
