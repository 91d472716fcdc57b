/**
 * What the handlers ask of the host's networks. One form is the host's (networkHost.ts), the other
 * the simulation's (test/sim/host). All calls are idempotent and throw `EffectFailure`.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import type { NetworkConfig } from '../../machines/network.config.ts';

/** The network of a run that is on its way. */
export interface OpenSandbox {
  /** Path of its network namespace, which is there. */
  readonly path: string;
  /** Resolves when all of its endpoints are plugged in and published. */
  readonly ready: Promise<void>;
}

/** What the files of a container have to say of its networks. */
export interface OwnNetwork {
  /** Whether 127.0.0.11 answers names in it. */
  readonly resolves: boolean;
  /** Its own addresses. */
  readonly addresses: readonly string[];
  /** What `host-gateway` stands for; null: there is no default bridge. */
  readonly hostGateway: string | null;
}

export const NO_NETWORK: OwnNetwork = { resolves: false, addresses: [], hostGateway: null };

export interface NetworkPort {
  own(container: ContainerContext): OwnNetwork;
  createNetwork(network: NetworkConfig): Promise<void>;
  removeNetwork(network: NetworkConfig): Promise<void>;
  /** null: the run has no network that is made for it. */
  open(container: ContainerContext): Promise<OpenSandbox | null>;
  /** Whatever state it is in; fine if there is nothing. */
  close(container: ContainerContext, run: number): Promise<void>;
  /** @param network id of one that the run has a place in */
  attach(container: ContainerContext, network: string): Promise<void>;
  detach(container: ContainerContext, network: string): Promise<void>;
}

/** For worlds that have none. */
export const noNetworks: NetworkPort = {
  own: () => NO_NETWORK,
  createNetwork: async () => undefined,
  removeNetwork: async () => undefined,
  open: async () => null,
  close: async () => undefined,
  attach: async () => undefined,
  detach: async () => undefined,
};
