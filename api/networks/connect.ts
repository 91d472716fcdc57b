/** `POST /networks/{id}/connect` and `/disconnect`. */
import { jsonBody } from '../body.ts';
import { containerId } from '../containers/lookup.ts';
import { submit } from '../containers/submit.ts';
import { apiError } from '../errors.ts';
import { empty, type Handler } from '../request.ts';
import { attachmentOf } from './endpoints.ts';
import { findNetwork, network } from './lookup.ts';

export const connectNetwork: Handler = async (context, request) => {
  const { ports } = context;
  const { value: asked } = await jsonBody('NetworkConnectRequest', request);
  // The container first, as dockerd does it.
  const ref = asked.Container ?? '';
  const id = containerId(ports, ref);
  const given = request.params['id'] ?? '';
  const wished = attachmentOf(ports, given, asked.EndpointConfig ?? undefined);
  const attachment = { ...wished, network: findNetwork(ports, given)?.id ?? given };
  await submit(context, request, { type: 'connect', id, attachment }, ref);
  return empty(200);
};

/** By force also from a network that is gone; of nobody's, nothing is left to be disconnected. */
export const disconnectNetwork: Handler = async (context, request) => {
  const { ports } = context;
  const { value: asked } = await jsonBody('NetworkDisconnectRequest', request);
  const ref = asked.Container ?? '';
  const given = request.params['id'] ?? '';
  const force = asked.Force ?? false;
  if (force && ports.containers.resolve(ref).kind === 'none') {
    network(ports, given);
    throw apiError('no-such-endpoint', { name: ref });
  }
  const id = containerId(ports, ref);
  const found = force ? findNetwork(ports, given) : network(ports, given);
  const command = { type: 'disconnect', id, network: found?.id ?? given, force } as const;
  await submit(context, request, command, ref);
  return empty(200);
};
