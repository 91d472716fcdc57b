/** Bridges, namespaces and the links between them. Each looks before it acts. */
import { createHash } from 'node:crypto';
import { EffectFailure } from '../failure.ts';
import { after, type Cancel } from '../system/clock.ts';
import {
  aliasOf,
  type IpTool,
  isOn,
  isUp,
  type KernelSetting,
  linkExists,
  linkNames,
  namespaceNames,
  namespaceState,
} from './ipTool.ts';
import type { EndpointPlan, NetworkPicture, NetworkPlan, SandboxPlan } from './ports.ts';

/** How long the kernel is given to take links away with their namespace. */
const LEAVE_MS = 300;

export class Links {
  readonly #told: (error: unknown) => void;
  readonly #prefix: string;
  readonly #ip: IpTool;
  /** Deleting a link waits for the kernel: nobody else shall wait with it. */
  readonly #slow: IpTool;

  /** All that were there in this daemon's time. */
  readonly #bridges = new Set<string>();
  /** Links whose namespace was removed. */
  readonly #leaving = new Set<string>();
  #deleteLeaving: Cancel | undefined;

  constructor(prefix: string, tools: readonly [IpTool, IpTool], told: (error: unknown) => void) {
    const [ip, slow] = tools;
    this.#told = told;
    this.#prefix = prefix;
    this.#ip = ip;
    this.#slow = slow;
  }

  get #alias(): string {
    return `shiplog:${this.#prefix}`;
  }

  /** @returns whether anything was missing */
  async makeBridge({ bridge, subnets, mtu }: NetworkPlan): Promise<boolean> {
    const whole = linkExists(bridge) && isUp(bridge);
    if (linkExists(bridge)) this.#bridges.add(bridge);
    const made = linkExists(bridge)
      ? []
      : [`link add ${bridge} address ${macOf(bridge)} type bridge`];
    if (made.length > 0) this.#comes(bridge);
    const ours = made.length > 0 || aliasOf(bridge) === this.#alias;
    await this.#ip.run([
      ...made,
      ...(made.length > 0 ? [`link set ${bridge} alias ${this.#alias}`] : []),
      ...(mtu === null || !ours ? [] : [`link set ${bridge} mtu ${mtu}`]),
      ...subnets.flatMap(({ gateway, prefixLength, family }) => {
        const nodad = family === 6 ? ' nodad' : '';
        return gateway === null
          ? []
          : [`addr replace ${gateway}/${prefixLength} dev ${bridge}${nodad}`];
      }),
      `link set ${bridge} up`,
    ]);
    return !whole;
  }

  /** A bridge is about to be made, maybe under a name that was there before. */
  #comes(bridge: string): void {
    if (this.#bridges.has(bridge)) for (const tool of [this.#ip, this.#slow]) tool.renew();
    this.#bridges.add(bridge);
  }

  /** One that somebody else made stays. */
  async removeBridge({ bridge }: Pick<NetworkPlan, 'bridge'>): Promise<void> {
    if (!linkExists(bridge) || aliasOf(bridge) !== this.#alias) return;
    await this.#delete(bridge);
  }

  hasNamespace({ namespace }: SandboxPlan): boolean {
    return namespaceState(namespace) === 'there';
  }

  /** Whatever is plugged in brings its loopback up, too. */
  async makeNamespace({ namespace, endpoints }: SandboxPlan): Promise<void> {
    const state = namespaceState(namespace);
    if (state === 'there') return;
    await this.#ip.run([
      ...(state === 'file' ? [`netns del ${namespace}`] : []),
      `netns add ${namespace}`,
    ]);
    if (endpoints.length > 0) return;
    await this.#ip.inside(namespace, ['link set lo up']);
  }

  /**
   * Its links go with it, a moment later; where another process still holds the namespace, they are
   * taken away on their own.
   */
  async removeNamespace(
    namespace: string,
    endpoints: readonly Pick<EndpointPlan, 'hostLink'>[] = [],
  ): Promise<void> {
    for (const { hostLink } of endpoints) this.#leaving.add(hostLink);
    if (endpoints.length > 0) this.#deleteLeaving ??= after(LEAVE_MS, () => this.#sweepLeaving());
    if (namespaceState(namespace) === 'absent') return;
    try {
      await this.#ip.run([`netns del ${namespace}`]);
    } catch (error) {
      if (namespaceState(namespace) !== 'absent') throw error;
    }
  }

  /** @returns whether anything was missing */
  async plug({ namespace }: SandboxPlan, endpoint: EndpointPlan): Promise<boolean> {
    const { hostLink, containerLink: inner, network, mac, ipv6 } = endpoint;
    const { bridge, mtu } = network;
    if (linkExists(hostLink) && isOn(hostLink, bridge) && isUp(hostLink)) return false;
    if (linkExists(hostLink) && isUp(hostLink) && linkExists(bridge)) {
      // It is whole: only its bridge was taken away.
      const again = `link set ${hostLink} type bridge_slave hairpin on`;
      await this.#ip.run([`link set ${hostLink} master ${bridge}`, again]);
      return true;
    }
    if (linkExists(hostLink)) await this.#delete(hostLink);
    const size = mtu === null ? '' : `mtu ${mtu} `;
    const ends = `peer name ${inner} address ${mac} ${size}netns ${namespace}`;
    const inside = [
      'link set lo up',
      ...addresses(endpoint).map((address) => `addr add ${address} dev ${inner}`),
      `link set ${inner} up`,
      ...routes(inner, endpoint),
    ];
    try {
      await this.#ip.inside(namespace, inside, {
        before: [`link add ${hostLink} ${size}master ${bridge} type veth ${ends}`],
        settings: [ipv6Switch(inner, ipv6 !== null)],
        after: [`link set ${hostLink} type bridge_slave hairpin on`, `link set ${hostLink} up`],
      });
    } catch (error) {
      // What is half done would be taken for done: the last step is not to be seen.
      if (linkExists(hostLink)) await this.#delete(hostLink);
      throw error;
    }
    return true;
  }

  async unplug({ hostLink }: Pick<EndpointPlan, 'hostLink'>): Promise<void> {
    if (linkExists(hostLink)) await this.#delete(hostLink);
  }

  /** The default routes of a namespace whose endpoints have changed. */
  async route({ namespace, endpoints }: SandboxPlan): Promise<void> {
    const wanted = endpoints.flatMap((one) => routes(one.containerLink, one));
    if (wanted.length === 0) return;
    await this.#ip.inside(namespace, wanted);
  }

  /** What is ours and not in the picture. @returns what was taken away, a sentence each */
  async sweep({ networks, sandboxes }: NetworkPicture): Promise<readonly string[]> {
    const namespaces = new Set(sandboxes.map(({ namespace }) => namespace));
    const links = new Set([
      ...networks.map(({ bridge }) => bridge),
      ...sandboxes.flatMap(({ endpoints }) => endpoints.map(({ hostLink }) => hostLink)),
    ]);
    const said: string[] = [];
    for (const namespace of namespaceNames()) {
      if (!namespace.startsWith(`${this.#prefix}-`) || namespaces.has(namespace)) continue;
      await this.removeNamespace(namespace);
      said.push(`network namespace ${namespace} belonged to no run and was removed`);
    }
    const left = linkNames().filter((name) => this.#isOurs(name) && !links.has(name));
    for (const name of left) {
      await this.#delete(name);
      said.push(`link ${name} belonged to nothing and was removed`);
    }
    return said;
  }

  /** Nobody waits for it; what is left at the daemon's end is found by the next one. */
  #sweepLeaving(): void {
    this.#deleteLeaving = undefined;
    const left = [...this.#leaving].filter(linkExists);
    this.#leaving.clear();
    for (const name of left) this.#delete(name).catch((error: unknown) => this.#told(error));
  }

  close(): void {
    this.#deleteLeaving?.();
  }

  #isOurs(name: string): boolean {
    if (name.startsWith(`${this.#prefix}v`)) return true;
    return aliasOf(name) === this.#alias;
  }

  async #delete(name: string): Promise<void> {
    try {
      await this.#slow.run([`link del ${name}`]);
    } catch (error) {
      // It went meanwhile, with its namespace.
      if (!(error instanceof EffectFailure) || linkExists(name)) throw error;
    }
  }
}

/**
 * Where its network has no IPv6, a link has none: else whoever is on it could give it addresses and
 * routes that nobody asked for. The loopback keeps its own.
 */
function ipv6Switch(link: string, on: boolean): KernelSetting {
  return { path: `net/ipv6/conf/${link}/disable_ipv6`, value: on ? 0 : 1 };
}

/** Nobody else has what was chosen for it; of a link's own address nobody knows. */
function addresses({ ipv4, ipv6, linkLocal }: EndpointPlan): readonly string[] {
  const all = [
    ...(ipv4 === null ? [] : [{ ...ipv4, how: 'brd +' }]),
    ...(ipv6 === null ? [] : [{ ...ipv6, how: 'nodad' }]),
    ...linkLocal.map((one) => ({ ...one, how: one.address.includes(':') ? '' : 'brd +' })),
  ];
  return all.map(({ address, prefixLength, how }) => `${address}/${prefixLength} ${how}`.trim());
}

function routes(inner: string, { ipv4, ipv6 }: EndpointPlan): readonly string[] {
  return [
    ...(ipv4?.gateway ? [`route replace default via ${ipv4.gateway} dev ${inner}`] : []),
    ...(ipv6?.gateway ? [`route replace default via ${ipv6.gateway} dev ${inner}`] : []),
  ];
}

/** A bridge without one of its own changes it with every link that comes. */
function macOf(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex');
  const bytes = [0, 2, 4, 6].map((at) => digest.slice(at, at + 2));
  return ['02', '42', ...bytes].join(':');
}
