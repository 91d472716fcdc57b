/**
 * Who is called what, on which network. Only a container that is on a network sees its names, so
 * that every question is asked on behalf of one.
 */
import type { EndpointPlan, SandboxPlan } from './ports.ts';

export interface Addresses {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

export class NameTable {
  readonly #sandboxes = new Map<string, SandboxPlan>();
  /** By network and name, lower case. */
  readonly #names = new Map<string, Map<string, Set<EndpointPlan>>>();
  /** Grows with each answer, so that they begin with another container each time. */
  #turn = 0;

  /** Replaces what was known of the container. */
  set(sandbox: SandboxPlan): void {
    this.remove(sandbox.container);
    this.#sandboxes.set(sandbox.container, sandbox);
    for (const endpoint of sandbox.endpoints) {
      const names = this.#namesOn(endpoint.network.id);
      for (const name of endpoint.dnsNames.map(canonical)) {
        names.set(name, (names.get(name) ?? new Set()).add(endpoint));
      }
    }
  }

  remove(container: string): void {
    const sandbox = this.#sandboxes.get(container);
    if (sandbox === undefined) return;
    this.#sandboxes.delete(container);
    for (const endpoint of sandbox.endpoints) this.#forget(endpoint);
  }

  get(container: string): SandboxPlan | undefined {
    return this.#sandboxes.get(container);
  }

  containers(): readonly string[] {
    return [...this.#sandboxes.keys()];
  }

  /**
   * What the container resolves the name to: undefined if nobody is called so. A name may be
   * followed by that of its network.
   */
  lookup(container: string, name: string): Addresses | undefined {
    const wanted = canonical(name);
    for (const endpoint of this.#endpointsOf(container)) {
      const found = this.#on(endpoint, wanted);
      if (found.length > 0) return this.#inTurn(found);
    }
    return undefined;
  }

  /**
   * The name behind an address: undefined if it is no business of ours, null if it is on a network
   * of the container's and nobody has it.
   */
  reverse(container: string, address: string): string | null | undefined {
    const own = this.#endpointsOf(container);
    for (const { network } of own) {
      for (const endpoints of this.#names.get(network.id)?.values() ?? []) {
        for (const { ipv4, ipv6, dnsNames } of endpoints) {
          if (ipv4?.address !== address && ipv6?.address !== address) continue;
          return `${dnsNames[0] ?? ''}.${network.name}`;
        }
      }
    }
    const inside = own.some(({ network }) =>
      network.subnets.some(({ subnet }) => contains(subnet, address)),
    );
    return inside ? null : undefined;
  }

  /** Whether questions about others may leave: a network with a way out is there. */
  mayAskOutside(container: string): boolean {
    return this.#endpointsOf(container).some(({ network }) => !network.internal);
  }

  /** The one that its default route leads through comes first. */
  #endpointsOf(container: string): readonly EndpointPlan[] {
    const endpoints = this.#sandboxes.get(container)?.endpoints ?? [];
    return endpoints.toSorted((a, b) => Number(b.isGateway) - Number(a.isGateway));
  }

  #on({ network, links }: EndpointPlan, name: string): readonly EndpointPlan[] {
    const link = links.find(({ alias }) => canonical(alias) === name);
    if (link !== undefined) {
      const linked = this.called(link.container)?.endpoints ?? [];
      return linked.filter((one) => one.network.id === network.id);
    }
    const names = this.#names.get(network.id);
    const suffix = `.${canonical(network.name)}`;
    const short = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
    return [...(names?.get(name) ?? names?.get(short) ?? [])];
  }

  /** By id, its beginning or name: as the one who links writes it. */
  called(container: string): SandboxPlan | undefined {
    const exact = this.#sandboxes.get(container);
    if (exact !== undefined) return exact;
    const all = [...this.#sandboxes.values()];
    return (
      all.find(({ name }) => name === container) ??
      all.find((one) => container !== '' && one.container.startsWith(container))
    );
  }

  linkersOf(container: string): readonly string[] {
    const linkers = [...this.#sandboxes.values()].filter(({ linked }) => linked.length > 0);
    return linkers
      .filter(({ linked }) => linked.some((one) => this.called(one)?.container === container))
      .map((one) => one.container);
  }

  #inTurn(found: readonly EndpointPlan[]): Addresses {
    this.#turn += 1;
    const first = this.#turn % found.length;
    const ordered = [...found.slice(first), ...found.slice(0, first)];
    return {
      ipv4: ordered.flatMap(({ ipv4 }) => ipv4?.address ?? []),
      ipv6: ordered.flatMap(({ ipv6 }) => ipv6?.address ?? []),
    };
  }

  #namesOn(network: string): Map<string, Set<EndpointPlan>> {
    const names = this.#names.get(network) ?? new Map<string, Set<EndpointPlan>>();
    this.#names.set(network, names);
    return names;
  }

  #forget(endpoint: EndpointPlan): void {
    const names = this.#names.get(endpoint.network.id);
    for (const name of endpoint.dnsNames.map(canonical)) {
      const called = names?.get(name);
      called?.delete(endpoint);
      if (called?.size === 0) names?.delete(name);
    }
    if (names?.size === 0) this.#names.delete(endpoint.network.id);
  }
}

const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** Whether an address is in a subnet; both in their canonical form. */
export function contains(subnet: string, address: string): boolean {
  const [base = '', length = '0'] = subnet.split('/');
  const [a, b] = [bits(base), bits(address)];
  return a !== undefined && b?.length === a.length && a.startsWith(b.slice(0, Number(length)), 0);
}

/** One character a bit. */
function bits(address: string): string | undefined {
  const parts = address.includes(':') ? groups(address) : address.split('.').map(Number);
  const width = address.includes(':') ? 16 : 8;
  if (parts.some(Number.isNaN)) return undefined;
  return parts.map((part) => part.toString(2).padStart(width, '0')).join('');
}

function groups(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const read = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return read(head);
  const filled = 8 - read(head).length - read(tail).length;
  return [...read(head), ...new Array<number>(Math.max(0, filled)).fill(0), ...read(tail)];
}
