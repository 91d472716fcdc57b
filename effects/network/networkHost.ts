/**
 * The host's networks, made to fit the plans: links by `ip`, rules by the firewall, names by the
 * resolver. Whatever an earlier try or daemon left is found and used, or taken away.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import type { NetworkConfig } from '../../machines/network.config.ts';
import { type NetworkNames, ownNames } from '../container/networkFiles.ts';
import { together } from '../container/together.ts';
import { EffectFailure } from '../failure.ts';
import { textList } from '../spec/hostFields.ts';
import { IpTool } from './ipTool.ts';
import { KeptLinks } from './keptLinks.ts';
import { Links } from './links.ts';
import type { NetworkPort, OpenSandbox } from './networkPort.ts';
import type {
  EndpointPlan,
  Firewall,
  Names,
  NetworkDeps,
  NetworkPicture,
  NetworkPlan,
  SandboxPlan,
} from './ports.ts';

/** What the log wants, asked at the moment. */
export interface Plans {
  network(config: NetworkConfig): NetworkPlan;
  /** null: the run has no network that is made for it. */
  sandbox(container: ContainerContext): SandboxPlan | null;
  /** The default bridge's own address; null: there is none. */
  hostGateway(): string | null;
  /** Name of the network namespace of a run. */
  namespace(id: string, run: number): string;
}

export interface NetworkParts {
  readonly deps: NetworkDeps;
  readonly firewall: Firewall;
  readonly names: Names;
  readonly plans: Plans;
}

export class NetworkHost implements NetworkPort {
  readonly #plans: Plans;
  readonly #firewall: Firewall;
  readonly #names: Names;
  readonly #links: Links;
  readonly #kept: KeptLinks;
  readonly #tools: readonly [IpTool, IpTool];

  constructor({ deps, firewall, names, plans }: NetworkParts) {
    const died = (why: string): void => deps.log.warn({}, `${why}; another one is started`);
    const tool = (): IpTool => new IpTool(deps.directory, died);
    this.#plans = plans;
    this.#firewall = firewall;
    this.#names = names;
    this.#tools = [tool(), tool()];
    const told = (err: unknown): void => deps.log.warn({ err }, 'a link could not be removed');
    this.#links = new Links(deps.prefix, this.#tools, told);
    this.#kept = new KeptLinks(this.#links, firewall, deps.log);
  }

  async createNetwork(network: NetworkConfig): Promise<void> {
    if (network.driver !== 'bridge') return;
    const plan = this.#plans.network(network);
    await this.#links.makeBridge(plan);
    await this.#firewall.applyNetwork(plan);
    this.#kept.keepBridge(plan);
  }

  async removeNetwork(network: NetworkConfig): Promise<void> {
    if (network.driver !== 'bridge' || network.bridge === '') return;
    const plan = this.#plans.network(network);
    this.#kept.forgetBridge(plan);
    await this.#firewall.removeNetwork(plan);
    await this.#links.removeBridge(plan);
  }

  async open(container: ContainerContext): Promise<OpenSandbox | null> {
    const plan = this.#plans.sandbox(container);
    if (plan === null) return null;
    await this.#links.makeNamespace(plan);
    const plugged = plan.endpoints.map((endpoint) => this.#plug(plan, endpoint));
    // Addresses of the loopback are there once it is up: a socket that is bound to one before
    // answers from another.
    const ready = together(...plugged).then(() => this.#names.set(plan));
    return { path: plan.namespacePath, ready };
  }

  async close(container: ContainerContext, run: number): Promise<void> {
    const plan = container.run === run ? this.#plans.sandbox(container) : null;
    const published = plan?.endpoints.filter(({ ports }) => ports.length > 0) ?? [];
    const namespace = this.#plans.namespace(container.id, run);
    for (const endpoint of plan?.endpoints ?? []) this.#kept.forgetLink(endpoint);
    await together(
      this.#links.removeNamespace(namespace, plan?.endpoints),
      ...published.map((endpoint) => this.#firewall.unpublish(endpoint)),
      ...(plan === null ? [] : [this.#names.remove(container.id)]),
    );
  }

  async attach(container: ContainerContext, network: string): Promise<void> {
    const { plan, endpoint } = this.#placeOf(container, network);
    const asked = container.endpoints?.find((one) => one.network === network);
    // In the network `none` there is nothing to be plugged in.
    if (asked?.driver === 'null') return;
    if (!plan || !endpoint) throw new EffectFailure('failed', `network ${network} not found`);
    try {
      await this.#links.plug(plan, endpoint);
      await this.#lead(plan);
      this.#kept.keepLink(plan, endpoint);
    } catch (error) {
      await this.#links.unplug(endpoint);
      throw error;
    }
    await this.#names.set(plan);
  }

  async detach(container: ContainerContext, network: string): Promise<void> {
    const { plan, endpoint } = this.#placeOf(container, network);
    if (!plan || !endpoint) return;
    const rest = plan.endpoints.filter((one) => one !== endpoint);
    const resolves = rest.some((one) => !one.network.isDefault);
    const left = { ...plan, endpoints: rest, resolves };
    this.#kept.forgetLink(endpoint);
    await this.#lead(left);
    await this.#firewall.unpublish(endpoint);
    await this.#links.unplug(endpoint);
    await this.#names.set(left);
  }

  namesFor(container: ContainerContext, without?: string): NetworkNames {
    const hostGateway = this.#plans.hostGateway();
    const plan = this.#plans.sandbox(container);
    if (plan === null) return { entries: [], hostGateway, resolves: false };
    const endpoints = plan.endpoints.filter(({ network }) => network.id !== without);
    const links = this.#linked(container, endpoints);
    return {
      entries: [...ownEntries(container, endpoints), ...links],
      hostGateway,
      resolves: endpoints.some(({ network }) => !network.isDefault),
    };
  }

  /** Ids of running containers whose /etc/hosts tells the addresses of this one. */
  linkersOf(container: string): readonly string[] {
    return this.#names.linkersOf(container);
  }

  /** What is known of a run is known otherwise from now on: its name, or which place leads out. */
  async changed(container: ContainerContext): Promise<void> {
    const plan = this.#plans.sandbox(container);
    if (plan === null) return;
    await this.#lead(plan);
    await this.#names.set(plan);
  }

  /** Default route and ports go where the run leads out now. */
  async #lead(plan: SandboxPlan): Promise<void> {
    if (!this.#links.hasNamespace(plan)) return;
    const published = plan.endpoints.filter(({ ports }) => ports.length > 0);
    await together(
      this.#links.route(plan),
      ...published.map((endpoint) => this.#publish(plan, endpoint)),
    );
  }

  /**
   * Compares the host with the picture, repairs what is missing, removes what nobody wants.
   * @returns what it had to do, a sentence each
   */
  async sync(picture: NetworkPicture): Promise<readonly string[]> {
    const said = [...(await this.#links.sweep(picture))];
    for (const network of picture.networks) {
      if (await this.#links.makeBridge(network)) said.push(`bridge ${network.bridge} was missing`);
      this.#kept.keepBridge(network);
    }
    said.push(...(await this.#firewall.sync(picture)));
    for (const plan of picture.sandboxes) said.push(...(await this.#replug(plan)));
    said.push(...(await this.#names.sync(picture.sandboxes)));
    return said;
  }

  /** Makes again what somebody took away. @returns what it was, a sentence each */
  repair(): Promise<readonly string[]> {
    return this.#kept.repair();
  }

  /** Lets go of the helpers; what was made stays. */
  async end(): Promise<void> {
    await this.#kept.close();
    this.#links.close();
    for (const tool of this.#tools) tool.close();
    await together(this.#firewall.close(), this.#names.close());
  }

  /** Of a namespace that is gone nothing is left to plug into: its run is about to be over. */
  async #replug(plan: SandboxPlan): Promise<readonly string[]> {
    const said: string[] = [];
    if (!this.#links.hasNamespace(plan)) return said;
    for (const endpoint of plan.endpoints) {
      const missing = await this.#links.plug(plan, endpoint);
      this.#kept.keepLink(plan, endpoint);
      if (!missing) continue;
      said.push(`link ${endpoint.hostLink} of container ${plan.name} was missing`);
    }
    if (plan.endpoints.length > 1) await this.#links.route(plan);
    return said;
  }

  async #plug(plan: SandboxPlan, endpoint: EndpointPlan): Promise<void> {
    const published = endpoint.ports.length > 0;
    await together(
      this.#links.plug(plan, endpoint),
      ...(published ? [this.#publish(plan, endpoint)] : []),
    );
    this.#kept.keepLink(plan, endpoint);
  }

  async #publish({ name }: SandboxPlan, endpoint: EndpointPlan): Promise<void> {
    try {
      await this.#firewall.publish(endpoint);
    } catch (error) {
      if (!(error instanceof EffectFailure) || error.kind !== 'failed') throw error;
      const where = `endpoint ${name} (${endpoint.id})`;
      const what = `driver failed programming external connectivity on ${where}`;
      throw new EffectFailure('failed', `${what}: ${error.message}`);
    }
  }

  /** Those on the default bridge that it is linked to, under all of their names. */
  #linked(
    { hostConfig }: ContainerContext,
    endpoints: readonly EndpointPlan[],
  ): NetworkNames['entries'] {
    const bridge = endpoints.find(({ network }) => network.isDefault)?.network.id;
    return textList(hostConfig, 'Links').flatMap((link) => {
      const [called = '', alias = called] = link
        .split(':')
        .map((part) => part.replace(/^.*\//, ''));
      const other = this.#names.called(called);
      const place = other?.endpoints.find(({ network }) => network.id === bridge);
      if (other === undefined || place?.ipv4 == null) return [];
      const names = new Set([alias, other.container.slice(0, 12), other.name]);
      return [[place.ipv4.address, [...names].join(' ')] as const];
    });
  }

  #placeOf(container: ContainerContext, network: string) {
    const plan = this.#plans.sandbox(container);
    const endpoint = plan?.endpoints.find((one) => one.network.id === network);
    return { plan, endpoint };
  }
}

/** Its own addresses, under the name that it knows itself by. */
function ownEntries(
  container: ContainerContext,
  endpoints: readonly EndpointPlan[],
): NetworkNames['entries'] {
  const names = ownNames(container);
  return endpoints.flatMap(({ ipv4, ipv6 }) =>
    [ipv4, ipv6].flatMap((one) => (one === null ? [] : [[one.address, names] as const])),
  );
}

/** For a daemon whose firewall is the administrator's business. */
export const noFirewall: Firewall = {
  applyNetwork: async () => undefined,
  removeNetwork: async () => undefined,
  publish: async () => undefined,
  unpublish: async () => undefined,
  sync: async () => [],
  close: async () => undefined,
};

/** For as long as nobody answers 127.0.0.11. */
export const noNames: Names = {
  set: async () => undefined,
  remove: async () => undefined,
  called: () => undefined,
  linkersOf: () => [],
  sync: async () => [],
  close: async () => undefined,
};
