/**
 * What the handlers ask of the host's networks. One form is the host's (networkHost.ts), the other
 * the simulation's (test/sim/host). All calls are idempotent and throw `EffectFailure`.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import type { NetworkConfig } from '../../machines/network.config.ts';
import { type NetworkNames, NO_NAMES } from '../container/networkFiles.ts';

/** The network of a run that is on its way. */
export interface OpenSandbox {
  /** Path of its network namespace, which is there. */
  readonly path: string;
  /** Resolves when all of its endpoints are plugged in and published. */
  readonly ready: Promise<void>;
}

export interface NetworkPort {
  createNetwork(network: NetworkConfig): Promise<void>;
  removeNetwork(network: NetworkConfig): Promise<void>;
  /** null: the run has no network that is made for it. */
  open(container: ContainerContext): Promise<OpenSandbox | null>;
  /** Whatever state it is in; fine if there is nothing. */
  close(container: ContainerContext, run: number): Promise<void>;
  /** @param network id of one that the run has a place in */
  attach(container: ContainerContext, network: string): Promise<void>;
  detach(container: ContainerContext, network: string): Promise<void>;
  /**
   * What the container finds of its networks in its /etc.
   * @param without a network that the run is about to leave
   */
  namesFor(container: ContainerContext, without?: string): NetworkNames;
}

/** For worlds that have none. */
export const noNetworks: NetworkPort = {
  createNetwork: async () => undefined,
  removeNetwork: async () => undefined,
  open: async () => null,
  close: async () => undefined,
  attach: async () => undefined,
  detach: async () => undefined,
  namesFor: () => NO_NAMES,
};
