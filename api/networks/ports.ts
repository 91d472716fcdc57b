/** What the facade needs of networks. */
import type { NetworkCommand } from '../../machines/network.commands.ts';
import type { NetworkQueries } from '../../projections/views.ts';
import type { CommandOutcome, RequestInfo } from '../ports.ts';

/** What a network that is made anew has to fit to. */
export interface NetworkSurroundings {
  /** What names of ours in the host begin with. */
  readonly prefix: string;
  readonly pools: readonly { readonly base: string; readonly size: number }[];
  /** Subnets that the host has routes to. */
  readonly routes: readonly string[];
  readonly hostIPv6: boolean;
  /** Options of new bridge networks that say nothing else. */
  readonly defaultOptions: Readonly<Record<string, string>>;
}

export interface Networks {
  readonly queries: NetworkQueries;
  submit(command: NetworkCommand, request: RequestInfo): Promise<CommandOutcome>;
  surroundings(): NetworkSurroundings;
}
