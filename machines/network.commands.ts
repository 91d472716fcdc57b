/** What can be asked of networks, and why it may be refused. */
import type { NetworkConfig } from './network.config.ts';
import type { ContainerId } from './words.ts';

/** A pool as it was asked for; empty texts: the daemon chooses. */
export interface AskedPool {
  readonly subnet: string;
  readonly ipRange: string;
  readonly gateway: string;
  readonly auxiliary: Readonly<Record<string, string>>;
}

/** Where subnets come from that nobody chose: parts of `base` with that prefix. */
export interface AddressPool {
  readonly base: string;
  readonly size: number;
}

export type NetworkCommand =
  | ({
      readonly type: 'create-network';
      readonly asked: readonly AskedPool[];
      readonly pools: readonly AddressPool[];
      /** Destinations that the host has routes to: no chosen subnet overlaps with one. */
      readonly routes: readonly string[];
    } & Omit<NetworkConfig, 'pools'>)
  | { readonly type: 'remove-network'; readonly id: string; readonly prune: boolean };

export type NetworkRefusal =
  | { readonly kind: 'no-such-network'; readonly ref: string }
  | { readonly kind: 'network-exists'; readonly name: string }
  | { readonly kind: 'network-predefined'; readonly name: string }
  | {
      readonly kind: 'network-in-use';
      readonly name: string;
      /** Who is in it, as far as that is known. */
      readonly users: readonly { readonly name: string; readonly endpoint: string }[];
    }
  /** A pool that can not be had: it is no subnet, or holds not what it should. */
  | { readonly kind: 'network-invalid'; readonly message: string }
  /** What no bridge can be, beside the others or at all. */
  | { readonly kind: 'network-forbidden'; readonly message: string }
  | { readonly kind: 'pool-overlaps' }
  | { readonly kind: 'pools-exhausted' }
  | { readonly kind: 'network-failed'; readonly message: string }
  /** A container's wish that its networks can not fulfil. */
  | { readonly kind: 'endpoint-exists'; readonly name: string; readonly network: string }
  | {
      readonly kind: 'not-connected';
      readonly container: ContainerId;
      readonly network: string;
      readonly lives: boolean;
    }
  | {
      readonly kind: 'endpoint-invalid';
      readonly message: string;
      readonly status: 400 | 403 | 500;
    };
