/** What list and inspect show of a container's networks and ports. */
import type { Attachment, Endpoint } from '../../machines/network.config.ts';
import { namesOf, namespacePath, sandboxId } from '../../machines/network.names.ts';
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
}

export function networkPicture({ networks: { queries } }: ApiPorts): NetworkPicture {
  return {
    networks: new Map(queries.list().map((one) => [one.id, one])),
    places: new Map(queries.livePlaces().map((one) => [one.id, one])),
  };
}

interface Shown {
  readonly attachment: Attachment | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly network: NetworkView | undefined;
  readonly dnsNames: readonly string[] | null;
}

function endpointShown({ attachment, endpoint, network, dnsNames }: Shown): JsonObject {
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
    NetworkID: endpoint?.network ?? '',
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
  const { ipv4, ipv6 } = attachment ?? {};
  if (ipv4 === undefined && ipv6 === undefined) return null;
  return {
    ...(ipv4 === undefined ? {} : { IPv4Address: ipv4 }),
    ...(ipv6 === undefined ? {} : { IPv6Address: ipv6 }),
  };
}

/** `bridge` for what says nothing. */
function modeName({ networkMode }: ContainerSummary): string {
  return networkMode === 'default' || networkMode === '' ? 'bridge' : networkMode;
}

/** By name of the network, as list shows them. */
export function listedNetworks(summary: ContainerSummary, picture: NetworkPicture): JsonObject {
  const endpoints = picture.places.get(summary.id)?.endpoints ?? [];
  const mode = modeName(summary);
  if (endpoints.length === 0) {
    const plain = { attachment: undefined, endpoint: undefined, network: undefined };
    return mode.startsWith('container:')
      ? {}
      : { [mode]: endpointShown({ ...plain, dnsNames: null }) };
  }
  return Object.fromEntries(
    endpoints.map((endpoint) => {
      const network = picture.networks.get(endpoint.network);
      const shown = { attachment: undefined, endpoint, network, dnsNames: null };
      return [endpoint.name, endpointShown(shown)];
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

function portsShown(details: ContainerDetails, endpoints: readonly Endpoint[]): JsonObject {
  const bindings: Record<string, JsonObject[] | null> = {};
  for (const name of Object.keys(details.config.ExposedPorts ?? {})) bindings[name] = null;
  for (const { ports } of endpoints)
    for (const { protocol, containerPort, hostIp, hostPort } of ports) {
      const name = `${containerPort}/${protocol}`;
      bindings[name] = [...(bindings[name] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
    }
  return bindings;
}

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
    shown[name] = endpointShown({ attachment, endpoint, network, dnsNames });
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

function dnsNamesOf(details: ContainerDetails, attachment: Attachment): readonly string[] {
  const names = [
    details.name,
    ...(attachment.aliases ?? []),
    details.id.slice(0, 12),
    details.config.Hostname,
  ];
  return [...new Set(names.filter((one) => one !== ''))];
}
