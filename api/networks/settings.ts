/** What list and inspect show of a container's networks and ports. */
import type { Attachment, Endpoint } from '../../machines/network.config.ts';
import { namesOf, namespacePath, sandboxId } from '../../machines/network.names.ts';
import { parsePort } from '../../machines/network.ports.ts';
import type { JsonObject } from '../../machines/words.ts';
import type {
  ContainerDetails,
  ContainerPlaces,
  ContainerSummary,
  NetworkView,
} from '../../projections/views.ts';
import type { ListedPort } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiVersion, before } from '../versions.ts';
import { prefixLength } from './wire.ts';

/** All that a list of containers needs, read once. */
export interface NetworkPicture {
  readonly networks: ReadonlyMap<string, NetworkView>;
  readonly places: ReadonlyMap<string, ContainerPlaces>;
  /** Of one that has no place now. */
  restingPlaces(id: string): ContainerPlaces | undefined;
}

export function networkPicture({ networks: { queries } }: ApiPorts): NetworkPicture {
  return {
    networks: new Map(queries.list().map((one) => [one.id, one])),
    places: new Map(queries.livePlaces().map((one) => [one.id, one])),
    restingPlaces: (id) => queries.placesOf(id),
  };
}

interface Shown {
  readonly attachment: Attachment | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly network: NetworkView | undefined;
  readonly dnsNames: readonly string[] | null;
  /** It has been in the network, though it is not now. */
  readonly ran: boolean;
}

function endpointShown({ attachment, endpoint, network, dnsNames, ran }: Shown): JsonObject {
  const pools = network?.pools ?? [];
  const gateway = (six: boolean): string =>
    pools.find(({ subnet }) => subnet.includes(':') === six)?.gateway ?? '';
  const { ipv4 = null, ipv6 = null, mac = '' } = endpoint ?? {};
  return {
    IPAMConfig: ipamOf(attachment),
    Links: attachment?.links ?? null,
    Aliases: attachment?.aliases ?? null,
    MacAddress: mac === '' ? (attachment?.mac ?? '') : mac,
    DriverOpts: attachment?.driverOptions ?? null,
    GwPriority: attachment?.priority ?? 0,
    NetworkID: endpoint?.network ?? (ran ? (network?.id ?? '') : ''),
    EndpointID: endpoint?.id ?? '',
    Gateway: ipv4 === null || network?.internal ? '' : gateway(false),
    IPAddress: ipv4 ?? '',
    IPPrefixLen: ipv4 === null ? 0 : prefixLength(ipv4, pools),
    IPv6Gateway: ipv6 === null || network?.internal ? '' : gateway(true),
    GlobalIPv6Address: ipv6 ?? '',
    GlobalIPv6PrefixLen: ipv6 === null ? 0 : prefixLength(ipv6, pools),
    DNSNames: dnsNames,
  };
}

function ipamOf(attachment: Attachment | undefined): JsonObject | null {
  const { ipv4, ipv6, linkLocal } = attachment ?? {};
  if (ipv4 === undefined && ipv6 === undefined && linkLocal === undefined) return null;
  return {
    ...(ipv4 === undefined ? {} : { IPv4Address: ipv4 }),
    ...(ipv6 === undefined ? {} : { IPv6Address: ipv6 }),
    ...(linkLocal?.length ? { LinkLocalIPs: linkLocal } : {}),
  };
}

const named = (networks: Iterable<NetworkView>, ref: string): NetworkView | undefined =>
  [...networks].find(({ id, name }) => id === ref || name === (ref === 'default' ? 'bridge' : ref));

/** By name of the network, as list shows them: without wishes, but for addresses. */
export function listedNetworks(
  { id, startedNs }: ContainerSummary,
  picture: NetworkPicture,
): JsonObject {
  const places = picture.places.get(id) ?? picture.restingPlaces(id);
  const { networks = [], endpoints = null } = places ?? {};
  return Object.fromEntries(
    networks.map(({ network: ref, ...asked }) => {
      const endpoint = endpoints?.find((one) => one.network === ref || one.name === ref);
      const network =
        picture.networks.get(endpoint?.network ?? ref) ?? named(picture.networks.values(), ref);
      const { ipv4, ipv6, linkLocal } = asked;
      const addresses = { ...(ipv4 ? { ipv4 } : {}), ...(ipv6 ? { ipv6 } : {}) };
      const attachment = { network: ref, ...addresses, ...(linkLocal ? { linkLocal: [] } : {}) };
      const shown = { attachment, endpoint, network, dnsNames: null, ran: startedNs !== null };
      return [network?.name ?? ref, endpointShown(shown)];
    }),
  );
}

/** Published ones, each host address for itself. */
export function listedPorts(summary: ContainerSummary, picture: NetworkPicture): ListedPort[] {
  const endpoints = picture.places.get(summary.id)?.endpoints ?? [];
  return endpoints.flatMap(({ ports }) =>
    ports.map(({ hostIp, hostPort, containerPort, protocol }) => ({
      IP: hostIp,
      PrivatePort: containerPort,
      PublicPort: hostPort,
      Type: protocol,
    })),
  );
}

/** Below 1.52 the default bridge is shown beside the networks, too. */
function legacyOf(own: JsonObject): JsonObject {
  const { EndpointID, Gateway, IPAddress, IPPrefixLen, MacAddress, ...six } = own;
  const { IPv6Gateway, GlobalIPv6Address, GlobalIPv6PrefixLen } = six;
  return {
    Bridge: '',
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: EndpointID ?? '',
    Gateway: Gateway ?? '',
    GlobalIPv6Address: GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: GlobalIPv6PrefixLen ?? 0,
    IPAddress: IPAddress ?? '',
    IPPrefixLen: IPPrefixLen ?? 0,
    IPv6Gateway: IPv6Gateway ?? '',
    MacAddress: MacAddress ?? '',
  };
}

/** Nothing is published or exposed where nothing leads out. */
function portsShown(details: ContainerDetails, endpoints: readonly Endpoint[]): JsonObject {
  if (!endpoints.some(({ gateway4, gateway6 }) => gateway4 || gateway6)) return {};
  const bindings: Record<string, JsonObject[] | null> = {};
  for (const name of Object.keys(details.config.ExposedPorts ?? {})) {
    const { port, protocol = 'tcp' } = parsePort(name) ?? {};
    bindings[`${port ?? name}/${protocol}`] = null;
  }
  for (const { ports } of endpoints)
    for (const { protocol, containerPort, hostIp, hostPort } of ports) {
      const name = `${containerPort}/${protocol}`;
      bindings[name] = [...(bindings[name] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
    }
  return bindings;
}

/** The MAC address that was asked for in its first network; empty: none was. */
export const macAsked = ({ networks }: ApiPorts, { id }: ContainerDetails): string =>
  networks.queries.placesOf(id)?.networks[0]?.mac ?? '';

/** Of inspect. */
export function networkSettings(
  ports: ApiPorts,
  details: ContainerDetails,
  version: ApiVersion,
): JsonObject {
  const { queries } = ports.networks;
  const places = queries.placesOf(details.id);
  const endpoints = places?.endpoints ?? [];
  const shown: Record<string, JsonObject> = {};
  for (const attachment of places?.networks ?? []) {
    const { network: ref } = attachment;
    const endpoint = endpoints.find((one) => one.network === ref || one.name === ref);
    const network =
      queries.get(endpoint?.network ?? ref) ?? queries.list().find(({ name }) => name === ref);
    const dnsNames = network?.predefined === false ? dnsNamesOf(details, attachment) : null;
    const name = network?.name ?? ref;
    const asked = before(version, '1.45') ? withShortId(attachment, dnsNames, details) : attachment;
    const ran = details.startedNs !== null;
    shown[name] = endpointShown({ attachment: asked, endpoint, network, dnsNames, ran });
  }
  // One that was disconnected from all of its networks still has its sandbox.
  const lives = places?.endpoints != null;
  const sandbox = lives ? sandboxId(details.id, places.run) : '';
  const { id } = ports.daemon.info();
  const made = lives && endpoints.every(({ driver }) => driver === 'bridge');
  return {
    ...(before(version, '1.52') ? legacyOf(shown['bridge'] ?? {}) : {}),
    SandboxID: sandbox,
    SandboxKey: made ? namespacePath(namesOf(id), sandbox) : '',
    Ports: !lives ? {} : portsShown(details, endpoints),
    Networks: shown,
  };
}

/** Before 1.45 the names that it has anyhow were shown as aliases. */
function withShortId(
  attachment: Attachment,
  dnsNames: readonly string[] | null,
  { id, config }: ContainerDetails,
): Attachment {
  if (dnsNames === null) return attachment;
  const own = [id.slice(0, 12), config.Hostname].filter((name) => name !== '');
  return { ...attachment, aliases: [...new Set([...(attachment.aliases ?? []), ...own])] };
}

function dnsNamesOf(details: ContainerDetails, attachment: Attachment): readonly string[] {
  const names = [
    details.name,
    ...(attachment.aliases ?? []),
    details.id.slice(0, 12),
    details.config.Hostname,
  ];
  return [...new Set(names.filter((one) => one !== ''))];
}
