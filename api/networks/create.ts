/** `POST /networks/create`. */
import type { AskedPool, NetworkCommand } from '../../machines/network.commands.ts';
import { bridgeName } from '../../machines/network.names.ts';
import { jsonBody } from '../body.ts';
import { newId } from '../containers/create.ts';
import { apiError, refusalError } from '../errors.ts';
import type { NetworkCreateRequest } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { type Handler, json } from '../request.ts';

type CreateNetwork = Extract<NetworkCommand, { type: 'create-network' }>;

const PREDEFINED = ['bridge', 'host', 'none', 'default'];
const BRIDGE_NAME = 'com.docker.network.bridge.name';
const bad = (message: string) => apiError('bad-parameter', { message });

function checkName(name: string): void {
  if (name.trim() === '') throw bad('invalid network name: name is empty');
  if (name.includes('\0')) throw bad('invalid network name: it holds a zero byte');
  if (PREDEFINED.includes(name)) throw apiError('predefined-name', { name });
}

function checkDriver(driver: string): void {
  if (driver === 'host' || driver === 'null') throw apiError('only-one-network', { driver });
  if (driver === 'overlay') throw apiError('no-swarm', {});
  if (driver !== 'bridge') throw apiError('no-such-plugin', { name: driver });
}

function poolsOf(asked: NetworkCreateRequest): readonly AskedPool[] {
  return (asked.IPAM?.Config ?? []).map((one) => ({
    subnet: one.Subnet ?? '',
    ipRange: one.IPRange ?? '',
    gateway: one.Gateway ?? '',
    auxiliary: one.AuxiliaryAddresses ?? {},
  }));
}

/** @throws ApiError */
function commandOf(ports: ApiPorts, asked: NetworkCreateRequest): CreateNetwork {
  const driver = asked.Driver || 'bridge';
  const name = asked.Name ?? '';
  checkName(name);
  checkDriver(driver);
  const ipamDriver = asked.IPAM?.Driver || 'default';
  if (ipamDriver !== 'default') throw apiError('no-such-plugin', { name: ipamDriver });
  if (asked.ConfigOnly === true || asked.Ingress === true) {
    throw apiError('unsupported', { what: 'configuration-only and ingress networks' });
  }
  const { prefix, pools, routes, hostIPv6, defaultOptions } = ports.networks.surroundings();
  const id = newId(ports.ambient);
  const options = { ...defaultOptions, ...asked.Options };
  const bridge = options[BRIDGE_NAME] || bridgeName(prefix, id);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/.test(bridge)) {
    throw bad(`invalid name of a bridge: ${JSON.stringify(bridge)}`);
  }
  return {
    type: 'create-network',
    id,
    name,
    driver,
    predefined: false,
    enableIPv6: asked.EnableIPv6 ?? false,
    internal: asked.Internal ?? false,
    attachable: asked.Attachable ?? false,
    ipam: { Driver: ipamDriver, Options: asked.IPAM?.Options ?? {} },
    options,
    labels: asked.Labels ?? {},
    bridge,
    hostIPv6,
    asked: poolsOf(asked),
    pools,
    routes,
  };
}

export const createNetwork: Handler = async ({ ports }, request) => {
  const { value: asked } = await jsonBody('NetworkCreateRequest', request);
  const command = commandOf(ports, asked);
  const outcome = await ports.networks.submit(command, request.info);
  if (outcome.kind === 'refused') {
    throw refusalError(outcome.refusal, { command: 'network', ref: command.name });
  }
  return json({ Id: command.id, Warning: '' }, 201);
};
