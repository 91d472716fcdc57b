/** `POST /networks/{id}/connect` and `/disconnect`. */
import { jsonBody } from '../body.ts';
import { containerId } from '../containers/lookup.ts';
import { submit } from '../containers/submit.ts';
import { empty, type Handler } from '../request.ts';
import { attachmentOf } from './endpoints.ts';
import { findNetwork, network } from './lookup.ts';

export const connectNetwork: Handler = async (context, request) => {
  const { ports } = context;
  const { value: asked } = await jsonBody('NetworkConnectRequest', request);
  // The container first, as dockerd does it.
  const ref = asked.Container ?? '';
  const id = containerId(ports, ref);
  const found = network(ports, request.params['id'] ?? '');
  const attachment = attachmentOf(ports, found.id, asked.EndpointConfig ?? undefined);
  await submit(context, request, { type: 'connect', id, attachment }, ref);
  return empty(200);
};

/** By force also from a network that is gone. */
export const disconnectNetwork: Handler = async (context, request) => {
  const { ports } = context;
  const { value: asked } = await jsonBody('NetworkDisconnectRequest', request);
  const ref = asked.Container ?? '';
  const id = containerId(ports, ref);
  const given = request.params['id'] ?? '';
  const force = asked.Force ?? false;
  const found = force ? findNetwork(ports, given) : network(ports, given);
  const command = { type: 'disconnect', id, network: found?.id ?? given, force } as const;
  await submit(context, request, command, ref);
  return empty(200);
};
