/** What a container wants of a network: of create's `NetworkingConfig`, and of connect. */
import { parseAddress } from '../../machines/network.address.ts';
import type { Attachment } from '../../machines/network.config.ts';
import { apiError } from '../errors.ts';
import type { ContainerCreateRequest, EndpointSettings } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiVersion, before } from '../versions.ts';
import { findNetwork } from './lookup.ts';

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;
const bad = (message: string) => apiError('bad-parameter', { message });

/** @throws ApiError 400 */
export function checkMacAddress(mac: string): void {
  if (!MAC.test(mac)) throw bad(`invalid MAC address: ${mac}`);
}

/**
 * By name: what has it when the container starts.
 * @param ref kept if there is no such network yet
 * @throws ApiError 400
 */
export function attachmentOf(
  ports: ApiPorts,
  ref: string,
  settings: EndpointSettings | undefined,
): Attachment {
  const asked = settings ?? {};
  const { IPv4Address: ipv4, IPv6Address: ipv6 } = asked.IPAMConfig ?? {};
  const mac = asked.MacAddress ?? '';
  if (ipv4 && parseAddress(ipv4)?.family !== 4) throw bad(`invalid IPv4 address: ${ipv4}`);
  if (ipv6 && parseAddress(ipv6)?.family !== 6) throw bad(`invalid IPv6 address: ${ipv6}`);
  if (mac !== '') checkMacAddress(mac);
  if (asked.IPAMConfig?.LinkLocalIPs?.length)
    throw apiError('unsupported', { what: 'link-local addresses of endpoints' });
  return {
    network: findNetwork(ports, ref)?.name ?? ref,
    ...(ipv4 ? { ipv4: String(ipv4) } : {}),
    ...(ipv6 ? { ipv6: String(ipv6) } : {}),
    ...(mac === '' ? {} : { mac: mac.toLowerCase() }),
    ...(asked.Aliases?.length ? { aliases: asked.Aliases } : {}),
    ...(asked.Links?.length ? { links: asked.Links } : {}),
    ...(asked.DriverOpts ? { driverOptions: asked.DriverOpts } : {}),
    ...(asked.GwPriority ? { priority: asked.GwPriority } : {}),
  };
}

/** undefined: that of the network mode, with no wishes. @throws ApiError 400 */
export function attachmentsAsked(
  ports: ApiPorts,
  asked: ContainerCreateRequest,
  mode: string,
  version: ApiVersion,
): readonly Attachment[] | undefined {
  const given = Object.entries(asked.NetworkingConfig?.EndpointsConfig ?? {});
  if (given.length > 1 && before(version, '1.44')) {
    const names = given.map(([name]) => name).join(', ');
    throw bad(`Container cannot be created with multiple network endpoints: ${names}`);
  }
  if (mode.startsWith('container:')) return undefined;
  const first = attachmentOf(ports, mode, undefined);
  const all = given.map(([name, settings]) => attachmentOf(ports, name, settings));
  const wide = asked.MacAddress ?? '';
  const ofMode = all.find(({ network }) => network === first.network);
  // Who names networks is in those alone, if it can be plugged into any.
  const plugged = mode !== 'host' && mode !== 'none';
  if (ofMode === undefined && all.length > 0 && wide === '' && plugged) return all;
  const own = ofMode ?? first;
  const leading = wide === '' || own.mac !== undefined ? own : { ...own, mac: wide };
  const rest = all.filter((one) => one !== own);
  const plain = Object.keys(leading).length === 1 && rest.length === 0;
  return plain && ['bridge', 'host', 'none'].includes(mode) ? undefined : [leading, ...rest];
}
