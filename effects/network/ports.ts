/**
 * What a network and a run's place in it look like as a plan: all that the firewall, the names and
 * the links need to make it so. The log decides the plans; whoever carries them out looks before it
 * acts, and can be given the same plan again at any time.
 */

/** One address family of a network. Addresses are in their canonical text form. */
export interface SubnetPlan {
  readonly family: 4 | 6;
  /** `172.18.0.0/16`, `fd00:1::/64`. */
  readonly subnet: string;
  readonly first: string;
  readonly last: string;
  /** The bridge's own address, without a prefix length; null: the bridge has none. */
  readonly gateway: string | null;
  readonly prefixLength: number;
}

/** A bridge network. `host` and `none` have no plan: nothing of them is in the world. */
export interface NetworkPlan {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** At most 15 characters. Starts with the daemon's prefix, or is the user's choice. */
  readonly bridge: string;
  readonly subnets: readonly SubnetPlan[];
  readonly internal: boolean;
  /** Whether its containers reach each other. */
  readonly icc: boolean;
  /** Whether what leaves the network has the host's address. */
  readonly masquerade: boolean;
  /** Where ports are published that name no host address; `0.0.0.0` stands for all. */
  readonly hostBinding: string;
  /** null: the kernel's. */
  readonly mtu: number | null;
  /** The one that is there from the start, with its own rules for names. */
  readonly isDefault: boolean;
}

export interface PortPlan {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** `0.0.0.0`, `::`, or one address of the host, e.g. `127.0.0.1`, `::1`. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
}

export interface AddressPlan {
  readonly address: string;
  readonly prefixLength: number;
  /** Where the endpoint's default route leads, if it is the one that gets it; null: none. */
  readonly gateway: string | null;
}

/** One container's place in one network, for one run. */
export interface EndpointPlan {
  /** 64 hexadecimal digits, another one for each run and each connect. */
  readonly id: string;
  readonly network: NetworkPlan;
  /** Container id, and the number of its run. */
  readonly container: string;
  readonly run: number;
  /** Name of the end that hangs on the bridge; never used twice. */
  readonly hostLink: string;
  /** Name of the end inside, e.g. `eth0`. */
  readonly containerLink: string;
  /** `02:42:ac:11:00:02`. */
  readonly mac: string;
  readonly ipv4: AddressPlan | null;
  readonly ipv6: AddressPlan | null;
  /** Further addresses of its link, of networks that are no subnet of anybody's. */
  readonly linkLocal: readonly Pick<AddressPlan, 'address' | 'prefixLength'>[];
  /** Published by this endpoint; empty unless it is the run's gateway. */
  readonly ports: readonly PortPlan[];
  /** Whether the run's default route leads through it. */
  readonly isGateway: boolean;
  /**
   * What others on this network resolve to its addresses: name, aliases, short id, host name. The
   * first is what a reverse lookup tells. Empty on the default bridge.
   */
  readonly dnsNames: readonly string[];
  /** What this container alone resolves, by `--link`: alias to the addresses of the other one. */
  readonly links: readonly { readonly alias: string; readonly container: string }[];
}

/** All that one run has of the network: one network namespace. */
export interface SandboxPlan {
  readonly container: string;
  /** Name of the container, without a slash. */
  readonly name: string;
  readonly run: number;
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** As `ip netns` knows it; starts with the daemon's prefix. */
  readonly namespace: string;
  /** Path of the same, e.g. `/run/netns/sl1a2b3n-…`. */
  readonly namespacePath: string;
  readonly endpoints: readonly EndpointPlan[];
  /** Upstream servers, given for this container by `--dns`; empty: the host's. */
  readonly dnsServers: readonly string[];
  /**
   * Whether 127.0.0.11 answers in it: when one of its networks is not the default bridge. The
   * container's resolv.conf says so already.
   */
  readonly resolves: boolean;
  /** Containers that its /etc/hosts tells of, by `--link` on the default bridge. */
  readonly linked: readonly string[];
}

/** The state of the world that the log wants. */
export interface NetworkPicture {
  readonly networks: readonly NetworkPlan[];
  /** Of all runs that are up, or on their way. */
  readonly sandboxes: readonly SandboxPlan[];
}

/**
 * Rules of the host for our bridges. All calls are idempotent, and may run at the same time for
 * different networks and endpoints; they throw `EffectFailure` (effects/failure.ts).
 */
export interface Firewall {
  applyNetwork(network: NetworkPlan): Promise<void>;
  removeNetwork(network: NetworkPlan): Promise<void>;
  /**
   * All ports of one endpoint, or none of them. A host port that another process listens on is
   * `failed`, with docker's text.
   */
  publish(endpoint: EndpointPlan): Promise<void>;
  unpublish(endpoint: EndpointPlan): Promise<void>;
  /**
   * Compares all rules of ours with the picture, adds what is missing, takes away what nobody
   * wants, and touches nothing else. @returns what it had to repair, a sentence each
   */
  sync(picture: NetworkPicture): Promise<readonly string[]>;
  /** Lets go of the coprocess and the listeners; the rules stay. */
  close(): Promise<void>;
}

/** Answers 127.0.0.11 in our namespaces. Calls are idempotent. */
export interface Names {
  /**
   * What is known of one run, at its start and at each connect, disconnect and rename; replaces
   * what was known of the container. Resolves when it is answered so. Called after the namespace
   * is there, and (at start) before its process runs.
   */
  set(sandbox: SandboxPlan): Promise<void>;
  /** The run is over; the namespace is about to go, or is gone. */
  remove(container: string): Promise<void>;
  /** What is known of a container, by its id, the beginning of it, or its name. */
  called(container: string): SandboxPlan | undefined;
  /** Ids of containers that know this one by `--link` on the default bridge. */
  linkersOf(container: string): readonly string[];
  /** As the firewall's. */
  sync(sandboxes: readonly SandboxPlan[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What the daemon may do to the host for its networks. */
export interface HostRules {
  /** false: rules are the administrator's business (`--iptables=false`). */
  readonly firewall: boolean;
  /** false: those of IPv6 are (`--ip6tables=false`). */
  readonly firewall6: boolean;
  /** Whether the kernel is told to forward. */
  readonly forwarding: boolean;
  /** Whether the daemon forwards what no rule can redirect (`--userland-proxy`). */
  readonly proxy: boolean;
}

/** What both are made with. */
export interface NetworkDeps extends HostRules {
  /**
   * Of this daemon alone, e.g. `sl1a2b3`: names of links, namespaces, tables and chains that start
   * with it are ours.
   */
  readonly prefix: string;
  /** A directory of ours in the exec root that is there; for what they have to keep. */
  readonly directory: string;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}
