/** What can happen to a network. Stream `network/<id>`. */
import type { NetworkConfig } from './network.config.ts';
import type { Fact } from './words.ts';

export type NetworkFact =
  | Fact<'network.create-requested', NetworkConfig>
  | Fact<'network.created', Record<string, never>>
  | Fact<'network.create-failed', { readonly message: string }>
  /** `prune`: it went because nobody used it. */
  | Fact<'network.remove-requested', { readonly prune: boolean }>
  | Fact<'network.removed', Record<string, never>>
  | Fact<'network.remove-failed', { readonly message: string }>;

export type NetworkFactType = NetworkFact['type'];
