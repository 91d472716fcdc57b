/** Connect and disconnect: at once while it runs, else only what it wants is changed. */
import type { ContainerCommand, Refusal } from './container.commands.ts';
import type { ContainerContext } from './container.context.ts';
import type { ContainerFact } from './container.facts.ts';
import { claimsBetween, hasMoved, led, ledWithout } from './container.leading.ts';
import { attachmentsOf, isFor, placesOf, sharesNetwork } from './container.networks.ts';
import type { Decision, View } from './decision.ts';
import type { Attachment, NetworkConfig } from './network.config.ts';
import { networkNamed, placeIn, placeStatus } from './network.places.ts';
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
  busyPorts: readonly number[],
): Decision {
  const { id } = context;
  const lives = LIVES.has(phase);
  // It has no namespace of its own to plug anything into, whatever the network is.
  if (sharesNetwork(context.hostConfig.NetworkMode)) return SHARES;
  const network = networkNamed(view, attachment.network);
  if (network === undefined) return refuse({ kind: 'no-such-network', ref: attachment.network });
  const conflict = conflictOf(view, context, network, lives);
  if (conflict !== undefined) return conflict;
  const wanted: Attachment = { ...attachment, network: network.id };
  if (!lives) {
    return facts(id, { type: 'container.attachment-added', data: { attachment: wanted } });
  }
  const endpoint = placeFor(view, context, network, wanted);
  if ('failure' in endpoint) return invalid(endpoint.failure, placeStatus(endpoint.failure));
  const before = context.endpoints ?? [];
  const others = placesOf(view, context, before);
  const place = { asked: wanted, network, endpoint };
  const { endpoints, failure } = led(view, context, [...others, place], busyPorts);
  if (failure !== null) return invalid(failure, 500);
  const own = endpoints.at(-1) ?? endpoint;
  const moved = hasMoved(before, endpoints.slice(0, -1)) ? { endpoints } : {};
  const data = { run: context.run, attachment: wanted, endpoint: own, ...moved };
  const { take } = claimsBetween(id, before, endpoints);
  return facts(id, { type: 'container.connect-requested', data }, { take });
}

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
  return placeIn(view, network, attachment, seeker, `eth${at}`);
}

const SHARES = invalid(
  'container sharing network namespace with another container or host cannot be connected to ' +
    'any other network',
);

/** What it is in keeps it out of the other; one that does not run may be told again. */
function conflictOf(
  view: View,
  context: ContainerContext,
  network: NetworkConfig,
  lives: boolean,
): Decision | undefined {
  const { driver, id, name } = network;
  if (driver === 'host' && context.hostConfig.NetworkMode !== 'host') {
    return invalid(
      'cannot connect container to host network - container must be created in host network mode',
    );
  }
  const wishes = attachmentsOf(context);
  if (wishes.some((one) => isFor(one, { network: id, name }))) {
    if (!lives) return { kind: 'nothing' };
    return refuse({ kind: 'endpoint-exists', name: context.name, network: name });
  }
  const drivers = [driver, ...wishes.map((one) => networkNamed(view, one.network)?.driver)];
  if (wishes.length === 0) return undefined;
  if (drivers.includes('host')) return SHARES;
  if (!drivers.includes('null')) return undefined;
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
  const lives = LIVES.has(phase);
  if (lives && context.hostConfig.NetworkMode === 'host' && name === 'host') {
    return invalid(
      'cannot disconnect container from host network - container was created in host network mode',
    );
  }
  const place = endpoints.find((one) => one.network === network || one.name === name);
  if (lives && place !== undefined) {
    const now = ledWithout(placesOf(view, context, endpoints), place);
    const moved = hasMoved(endpoints, now) ? { endpoints: now } : {};
    const data = { run: context.run, network: place.network, ...moved };
    return facts(id, { type: 'container.disconnect-requested', data });
  }
  const wished = attachmentsOf(context).some((one) => isFor(one, { network, name }));
  if (lives || !wished) {
    return refuse({ kind: 'not-connected', container: id, network: name, lives: lives && !!found });
  }
  return facts(id, { type: 'container.attachment-removed', data: { network, name } });
}

/** Its address can be had by others from now on. */
export function disconnected(context: ContainerContext, network: string): Decision {
  const { id, run, endpoints = [] } = context;
  const rest = endpoints.filter((one) => one.network !== network);
  const { free } = claimsBetween(id, endpoints, rest);
  return facts(id, { type: 'container.disconnected', data: { run, network } }, { free });
}

/** What was to lead out is given back to the others. */
export function connectFailed(
  view: View,
  context: ContainerContext,
  network: string,
  message: string,
): Decision {
  const { id, run, endpoints = [] } = context;
  const lost = endpoints.find((one) => one.network === network);
  const now = lost === undefined ? endpoints : ledWithout(placesOf(view, context, endpoints), lost);
  const rest = now.filter((one) => one.network !== network);
  const moved = hasMoved(endpoints, now) ? { endpoints: rest } : {};
  const { free } = claimsBetween(id, endpoints, rest);
  const data = { run, network, message, ...moved };
  return facts(id, { type: 'container.connect-failed', data }, { free });
}
