/** What a container wants of a network: of create's `NetworkingConfig`, and of connect. */
import { formatAddress, parseAddress } from '../../machines/network.address.ts';
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

/** That it is none of a link is said when a place in the network is looked for, as by dockerd. */
function linkLocalAddress(text: string): string {
  const address = parseAddress(text);
  if (address === undefined || address.value === 0n) {
    throw bad(`invalid link-local IP address: ${text}`);
  }
  return formatAddress(address);
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
  const { IPv4Address: ipv4, IPv6Address: ipv6, LinkLocalIPs } = asked.IPAMConfig ?? {};
  const mac = asked.MacAddress ?? '';
  if (ipv4 && parseAddress(ipv4)?.family !== 4) throw bad(`invalid IPv4 address: ${ipv4}`);
  if (ipv6 && parseAddress(ipv6)?.family !== 6) throw bad(`invalid IPv6 address: ${ipv6}`);
  if (mac !== '') checkMacAddress(mac);
  const linkLocal = (LinkLocalIPs ?? []).map(linkLocalAddress);
  return {
    network: findNetwork(ports, ref)?.name ?? ref,
    ...(ipv4 ? { ipv4: String(ipv4) } : {}),
    ...(ipv6 ? { ipv6: String(ipv6) } : {}),
    ...(linkLocal.length > 0 ? { linkLocal } : {}),
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
