/**
 * A run's places in networks, taken in the append that opens the run and freed in the one that says
 * that it is cleaned up. What a container wants is kept by network; what it has, by run.
 */
import type { ContainerContext } from './container.context.ts';
import { claimsOf, led, type Place } from './container.leading.ts';
import { linkProblem } from './container.links.ts';
import type { View } from './decision.ts';
import type { Attachment, Endpoint } from './network.config.ts';
import { networkNamed, placeIn } from './network.places.ts';
import type { Claim, StreamName } from './words.ts';

export interface Opened {
  readonly endpoints: readonly Endpoint[];
  readonly take: readonly Claim[];
  /** Why the run can not have them; then it has none. */
  readonly failure: string | null;
}

const NONE: Opened = { endpoints: [], take: [], failure: null };
const failed = (failure: string): Opened => ({ ...NONE, failure });

/** It has no network of its own: that of another container, or none that anybody made. */
export const sharesNetwork = (mode: string): boolean => mode.startsWith('container:');
/** A namespace is made for it, into which links can be plugged. */
export const hasOwnNetwork = (mode: string): boolean => !sharesNetwork(mode) && !isPlain(mode);
const isPlain = (mode: string): boolean => mode === 'host' || mode === 'none';

/** What it wants to be in; the first is that of its network mode. */
export function attachmentsOf(
  context: Pick<ContainerContext, 'networks' | 'hostConfig'>,
): readonly Attachment[] {
  const { NetworkMode } = context.hostConfig;
  if (sharesNetwork(NetworkMode)) return [];
  return context.networks ?? [{ network: NetworkMode === '' ? 'bridge' : NetworkMode }];
}

/** Whether the wish is for that network; it may be by name or by id. */
export const isFor = (
  { network }: Attachment,
  named: { readonly network: string; readonly name: string },
): boolean => [named.network, named.name].includes(network === 'default' ? 'bridge' : network);

export const withoutAttachment = (
  context: Pick<ContainerContext, 'networks' | 'hostConfig'>,
  named: { readonly network: string; readonly name: string },
): readonly Attachment[] => attachmentsOf(context).filter((one) => !isFor(one, named));

export function openEndpoints(
  view: View,
  context: ContainerContext,
  run: number,
  busyPorts: readonly number[],
): Opened {
  const stream: StreamName = `container/${context.id}`;
  const places: Place[] = [];
  for (const asked of attachmentsOf(context)) {
    const network = networkNamed(view, asked.network);
    if (network === undefined) {
      if (isPlain(asked.network)) continue;
      return failed(`network ${asked.network} not found`);
    }
    const link = `eth${places.filter(({ endpoint }) => endpoint.link !== '').length}`;
    const endpoint = placeIn(view, network, asked, { id: context.id, run, stream }, link);
    if ('failure' in endpoint) return failed(endpoint.failure);
    places.push({ asked, network, endpoint });
  }
  const unlinked = linkProblem(view, context);
  if (unlinked !== undefined) return failed(unlinked);
  const { endpoints, failure } = led(view, context, places, busyPorts);
  if (failure !== null) return failed(failure);
  return { endpoints, failure, take: endpoints.flatMap((one) => claimsOf(context.id, one)) };
}

/** The places of a run that goes on, with all that is known of their networks. */
export function placesOf(
  view: View,
  context: ContainerContext,
  endpoints: readonly Endpoint[],
): readonly Place[] {
  const wishes = attachmentsOf(context);
  return endpoints.flatMap((endpoint) => {
    const network = networkNamed(view, endpoint.network);
    const asked = wishes.find((one) => isFor(one, endpoint)) ?? { network: endpoint.network };
    return network === undefined ? [] : [{ asked, network, endpoint }];
  });
}

/** What is freed when the run is over. */
export const releasedBy = ({ id, endpoints = [] }: ContainerContext): readonly Claim[] =>
  endpoints.flatMap((endpoint) => claimsOf(id, endpoint));
