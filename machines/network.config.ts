/**
 * What a network is, as it was asked for and decided: the record of its first fact. Fields in
 * capitals are those of the Engine API, given back as they were given.
 */
import type { ContainerId } from './words.ts';

export type NetworkId = string;

/** A pool of addresses of the network. Texts are canonical. */
export interface NetworkPool {
  readonly subnet: string;
  /** Where containers' addresses come from: a part of the subnet. */
  readonly ipRange: string | null;
  /** null: only of an internal IPv6 pool without one. */
  readonly gateway: string;
  /** Addresses that no container gets, by name. */
  readonly auxiliary: Readonly<Record<string, string>>;
  /** Whether a caller named the subnet. */
  readonly chosen: boolean;
}

export interface NetworkConfig {
  readonly id: NetworkId;
  readonly name: string;
  /** `bridge`; `host` and `null` for the two that nothing is made for. */
  readonly driver: string;
  /** One of the three that are there from the start. */
  readonly predefined: boolean;
  /** Absent: it has IPv4, too. */
  readonly enableIPv4?: false;
  readonly enableIPv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly pools: readonly NetworkPool[];
  /** `IPAM.Driver` and `IPAM.Options` as given. */
  readonly ipam: {
    readonly Driver: string;
    readonly Options: Readonly<Record<string, string>> | null;
  };
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Name of the bridge in the host; empty for other drivers. */
  readonly bridge: string;
  /** Whether ports are published on the host's IPv6 addresses, too. */
  readonly hostIPv6: boolean;
}

/** What the driver makes of its options. */
export interface BridgeOptions {
  readonly icc: boolean;
  readonly masquerade: boolean;
  /** Where ports are published that name no address; empty: everywhere. */
  readonly hostBinding: string;
  readonly mtu: number | null;
}

const PREFIX = 'com.docker.network.';
const isTrue = (text: string | undefined, otherwise: boolean): boolean =>
  text === undefined ? otherwise : isTruth(text) === true;

/** undefined: it says neither. */
export function isTruth(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined;
}

export function bridgeOptions({ options }: Pick<NetworkConfig, 'options'>): BridgeOptions {
  const mtu = Number(options[`${PREFIX}driver.mtu`] ?? 0);
  return {
    icc: isTrue(options[`${PREFIX}bridge.enable_icc`], true),
    masquerade: isTrue(options[`${PREFIX}bridge.enable_ip_masquerade`], true),
    hostBinding: options[`${PREFIX}bridge.host_binding_ipv4`] ?? '',
    mtu: mtu > 0 ? mtu : null,
  };
}

/** How a container wants to be in a network, of one entry of `EndpointsConfig`. */
export interface Attachment {
  /** Name or id, as far as it was known when it was asked for. */
  readonly network: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
  /** Further addresses of its link, canonical. */
  readonly linkLocal?: readonly string[];
  readonly mac?: string;
  readonly aliases?: readonly string[];
  /** `container` or `container:alias`, as given. */
  readonly links?: readonly string[];
  readonly driverOptions?: Readonly<Record<string, string>>;
  readonly priority?: number;
}

export interface PublishedPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
}

/** A run's place in a network: what was taken for it, in the append of its start or connect. */
export interface Endpoint {
  /** Name of the network at that time. */
  readonly name: string;
  readonly network: NetworkId;
  readonly driver: string;
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** `eth0`; empty if nothing is plugged in. */
  readonly link: string;
  readonly mac: string;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  /** The default route of that family leads through it. */
  readonly gateway4: boolean;
  readonly gateway6: boolean;
  readonly ports: readonly PublishedPort[];
}

export interface EndpointRef {
  readonly id: ContainerId;
  readonly run: number;
  readonly network: NetworkId;
}
