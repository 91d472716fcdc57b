/** `POST /networks/create`. */
import type { AskedPool, NetworkCommand } from '../../machines/network.commands.ts';
import { bridgeName } from '../../machines/network.names.ts';
import { jsonBody } from '../body.ts';
import { newId } from '../containers/create.ts';
import { apiError, NO_SWARM, refusalError } from '../errors.ts';
import type { NetworkCreateRequest } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import type { ApiVersion } from '../versions.ts';
import { checkDriverOptions } from './driverOptions.ts';
import { familiesOf } from './families.ts';
import { checkPools } from './pools.ts';

type CreateNetwork = Extract<NetworkCommand, { type: 'create-network' }>;

const PREDEFINED = ['bridge', 'host', 'none', 'default'];
const BRIDGE_NAME = 'com.docker.network.bridge.name';
const forbidden = (message: string) =>
  refusalError({ kind: 'network-forbidden', message }, { command: 'network', ref: '' });
const bad = (message: string) => apiError('bad-parameter', { message });

function checkName(name: string): void {
  if (name.trim() === '') throw bad('invalid name: name is empty');
  if (name.includes('\0')) throw bad('invalid network name: it holds a zero byte');
  if (PREDEFINED.includes(name)) throw apiError('predefined-name', { name });
}

function checkDriver(driver: string): void {
  if (driver === 'host' || driver === 'null') throw apiError('only-one-network', { driver });
  if (driver === 'overlay') throw forbidden(NO_SWARM);
  if (driver !== 'bridge') throw apiError('no-such-plugin', { name: driver });
}

/** Of what a swarm would have, or a network that is none yet. */
function checkKind(asked: NetworkCreateRequest): void {
  const source = asked.ConfigFrom?.Network ?? '';
  if (source !== '') throw apiError('no-such-config-network', { name: source });
  if (asked.ConfigOnly === true) {
    throw apiError('unsupported', { what: 'configuration-only networks' });
  }
  if (asked.Ingress === true) throw forbidden('Ingress network can only be global scope network');
  if (asked.Scope === 'swarm') {
    throw forbidden('cannot create a swarm scoped network when swarm is not active');
  }
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
function commandOf(
  ports: ApiPorts,
  asked: NetworkCreateRequest,
  version: ApiVersion,
): CreateNetwork {
  const driver = asked.Driver || 'bridge';
  const name = asked.Name ?? '';
  checkName(name);
  checkDriver(driver);
  const ipamDriver = asked.IPAM?.Driver || 'default';
  if (ipamDriver !== 'default') throw apiError('no-such-plugin', { name: ipamDriver });
  checkKind(asked);
  const {
    prefix,
    pools: available,
    routes,
    hostIPv6,
    defaultOptions,
  } = ports.networks.surroundings();
  const id = newId(ports.ambient);
  const families = familiesOf(asked, { ...defaultOptions, ...asked.Options }, version);
  const { options } = families;
  checkDriverOptions(options);
  const pools = poolsOf(asked);
  checkPools(pools, families.enableIPv6);
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
    ...families,
    internal: asked.Internal ?? false,
    attachable: asked.Attachable ?? false,
    ipam: { Driver: ipamDriver, Options: asked.IPAM?.Options ?? null },
    labels: asked.Labels ?? {},
    bridge,
    hostIPv6,
    asked: pools,
    pools: available,
    routes,
  };
}

export const createNetwork: Handler = async ({ ports }, request) => {
  const { value: asked } = await jsonBody('NetworkCreateRequest', request);
  const command = commandOf(ports, asked, request.version);
  const outcome = await ports.networks.submit(command, request.info);
  if (outcome.kind === 'refused') {
    throw refusalError(outcome.refusal, { command: 'network', ref: command.name });
  }
  return json({ Id: command.id, Warning: '' }, 201);
};
