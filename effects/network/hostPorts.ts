/** The ports that this daemon holds for its containers: each for one endpoint, all or none. */
import { holdPort, type PortHolder, type Target } from './portHolder.ts';
import type { EndpointPlan, HostRules, PortPlan } from './ports.ts';

interface Held {
  endpoint: string;
  readonly holder: PortHolder;
}

const nameOf = ({ protocol, hostIp, hostPort }: PortPlan): string =>
  `${protocol} ${hostIp} ${hostPort}`;

export class HostPorts {
  readonly #held = new Map<string, Held>();
  readonly #rules: Pick<HostRules, 'proxy'>;

  constructor(rules: Pick<HostRules, 'proxy'>) {
    this.#rules = rules;
  }

  /**
   * Holds all ports of the endpoint; one that is held for another endpoint is handed over, since
   * who has a port is the log's business. @throws EffectFailure `failed`: then none is held
   */
  async take(endpoint: EndpointPlan): Promise<void> {
    try {
      await Promise.all(endpoint.ports.map((port) => this.#takeOne(endpoint, port)));
    } catch (error) {
      await this.free(endpoint.id);
      throw error;
    }
  }

  /** What it holds for the endpoint is free again; connections that it forwards are cut. */
  async free(endpoint: string): Promise<void> {
    const own = [...this.#held].filter(([, held]) => held.endpoint === endpoint);
    for (const [name] of own) this.#held.delete(name);
    await Promise.all(own.map(([, { holder }]) => holder.close()));
  }

  /** Endpoints that it holds ports for. */
  endpoints(): ReadonlySet<string> {
    return new Set([...this.#held.values()].map(({ endpoint }) => endpoint));
  }

  holds(port: PortPlan): boolean {
    return this.#held.has(nameOf(port));
  }

  async close(): Promise<void> {
    await Promise.all([...this.endpoints()].map((endpoint) => this.free(endpoint)));
  }

  async #takeOne(endpoint: EndpointPlan, port: PortPlan): Promise<void> {
    const target = targetOf(endpoint, port);
    if (target === undefined) return;
    const held = this.#held.get(nameOf(port));
    if (held !== undefined) {
      held.endpoint = endpoint.id;
      held.holder.target = target;
      return;
    }
    const holder = await holdPort(port, target, this.#rules);
    if (holder !== undefined) this.#held.set(nameOf(port), { endpoint: endpoint.id, holder });
  }
}

/** In the family of the host's address if the container has one, else in the other. */
function targetOf({ ipv4, ipv6 }: EndpointPlan, port: PortPlan): Target | undefined {
  const [first, second] = port.hostIp.includes(':') ? [ipv6, ipv4] : [ipv4, ipv6];
  const address = (first ?? second)?.address;
  return address === undefined ? undefined : { address, port: port.containerPort };
}
