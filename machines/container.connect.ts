/** Connect and disconnect: at once while it runs, else only what it wants is changed. */
import type { ContainerCommand, Refusal } from './container.commands.ts';
import type { ContainerContext } from './container.context.ts';
import type { ContainerFact } from './container.facts.ts';
import { attachmentsOf, claimsOf, isFor, sharesNetwork } from './container.networks.ts';
import type { Decision, View } from './decision.ts';
import type { Attachment, Endpoint, NetworkConfig } from './network.config.ts';
import { networkNamed, placeIn } from './network.places.ts';
import type { Draft } from './words.ts';

type Asked<T extends ContainerCommand['type']> = Extract<ContainerCommand, { type: T }>;

const refuse = (refusal: Refusal): Decision => ({ kind: 'refused', refusal });
const invalid = (message: string, status: 400 | 403 | 500 = 400): Decision =>
  refuse({ kind: 'endpoint-invalid', message, status });

const facts = (id: string, fact: ContainerFact, claims: Partial<Draft> = {}): Decision => ({
  kind: 'facts',
  drafts: [{ stream: `container/${id}`, fact, ...claims }],
});

/** In these there is a process, and nothing under way that would be disturbed. */
const LIVES = new Set(['running', 'paused']);

export function connect(
  view: View,
  context: ContainerContext,
  phase: string,
  { attachment }: Asked<'connect'>,
): Decision {
  const { id } = context;
  const network = networkNamed(view, attachment.network);
  if (network === undefined) return refuse({ kind: 'no-such-network', ref: attachment.network });
  const conflict = conflictOf(context, network);
  if (conflict !== undefined) return conflict;
  const named = { network: network.id, name: network.name };
  if (attachmentsOf(context).some((one) => isFor(one, named))) {
    return refuse({ kind: 'endpoint-exists', name: context.name, network: network.name });
  }
  const wanted: Attachment = { ...attachment, network: network.id };
  if (!LIVES.has(phase)) {
    return facts(id, { type: 'container.attachment-added', data: { attachment: wanted } });
  }
  const endpoint = placeFor(view, context, network, wanted);
  if ('failure' in endpoint) return invalid(endpoint.failure, statusOf(endpoint.failure));
  const data = { run: context.run, attachment: wanted, endpoint };
  const take = claimsOf(id, endpoint);
  return facts(id, { type: 'container.connect-requested', data }, { take });
}

const statusOf = (failure: string): 400 | 403 | 500 => {
  if (failure === 'Address already in use') return 403;
  return failure.startsWith('no available') ? 500 : 400;
};

/** The first free name of a link; each connect of a run has an endpoint of its own. */
function placeFor(
  view: View,
  context: ContainerContext,
  network: NetworkConfig,
  attachment: Attachment,
) {
  const { id, run, endpoints = [], connects = 0 } = context;
  const used = new Set(endpoints.map(({ link }) => link));
  let at = 0;
  while (used.has(`eth${at}`)) at += 1;
  const seeker = { id, run, stream: `container/${id}`, nth: connects + 1 };
  const place = placeIn(view, network, attachment, seeker, `eth${at}`);
  if ('failure' in place || network.internal) return place;
  // What leads out already goes on to do so; the first that can does it for one without.
  const without = (family: 'gateway4' | 'gateway6'): boolean =>
    !endpoints.some((one: Endpoint) => one[family]);
  return {
    ...place,
    gateway4: place.ipv4 !== null && without('gateway4'),
    gateway6: place.ipv6 !== null && without('gateway6'),
  };
}

function conflictOf(context: ContainerContext, network: NetworkConfig): Decision | undefined {
  const { NetworkMode } = context.hostConfig;
  if (sharesNetwork(NetworkMode)) {
    return invalid(
      'container sharing network namespace with another container or host cannot be connected ' +
        'to any other network',
    );
  }
  if (NetworkMode === 'host' || network.driver === 'host') {
    return invalid(
      'container cannot be disconnected from host network or connected to host network',
    );
  }
  const inNone = attachmentsOf(context).some((one) => one.network === 'none');
  if (!inNone && network.driver !== 'null') return undefined;
  return invalid(
    'container cannot be connected to multiple networks with one of the networks in private ' +
      '(none) mode',
  );
}

export function disconnect(
  view: View,
  context: ContainerContext,
  phase: string,
  command: Asked<'disconnect'>,
): Decision {
  const { id, endpoints = [] } = context;
  const found = networkNamed(view, command.network);
  const network = found?.id ?? command.network;
  const name = found?.name ?? command.network;
  if (context.hostConfig.NetworkMode === 'host' && name === 'host') {
    return invalid(
      'container cannot be disconnected from host network or connected to host network',
    );
  }
  const place = endpoints.find((one) => one.network === network || one.name === name);
  if (LIVES.has(phase) && place !== undefined) {
    const data = { run: context.run, network: place.network };
    return facts(id, { type: 'container.disconnect-requested', data });
  }
  if (!attachmentsOf(context).some((one) => isFor(one, { network, name }))) {
    return refuse({ kind: 'not-connected', container: id, network: name });
  }
  if (LIVES.has(phase)) return refuse({ kind: 'not-connected', container: id, network: name });
  return facts(id, { type: 'container.attachment-removed', data: { network, name } });
}
