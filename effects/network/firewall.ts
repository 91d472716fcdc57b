/**
 * The firewall of one daemon: rules in a table of its own, and a holder for each published port.
 * What should be so is kept here as well as in the log, so that whatever happens to the rules (a
 * flush by hand, nft killed) is repaired at once and without asking anybody. A change is first
 * noted, then carried out; one that nft refuses because something is not as it was left is
 * carried out by the repair.
 */
import { isDeepStrictEqual } from 'node:util';
import { EffectFailure } from '../failure.ts';
import { after, type Cancel } from '../system/clock.ts';
import { ForwardPolicy } from './forwardPolicy.ts';
import { HelperShell } from './helperShell.ts';
import { HostPorts } from './hostPorts.ts';
import { settleHost } from './hostSettings.ts';
import type { Monitor } from './monitor.ts';
import { Nft, NftRefused } from './nft.ts';
import type {
  EndpointPlan,
  Firewall,
  NetworkDeps,
  NetworkPicture,
  NetworkPlan,
  PortPlan,
} from './ports.ts';
import {
  addElement,
  declare,
  dropElement,
  type Element,
  familyOf,
  networkElements,
  portElements,
} from './ruleset.ts';
import { RuleTable } from './ruleTable.ts';
import { watchRules } from './ruleWatch.ts';

/** Changes of others come in heaps. */
const SETTLE_MS = 200;

export function makeFirewall(deps: NetworkDeps): Firewall {
  return new HostFirewall(deps);
}

class HostFirewall implements Firewall {
  readonly #deps: NetworkDeps;
  readonly #nft: Nft;
  readonly #shell: HelperShell;
  readonly #table: RuleTable;
  readonly #policy: ForwardPolicy;
  readonly #ports: HostPorts;
  /** What should be so: by id. */
  readonly #networks = new Map<string, NetworkPlan>();
  readonly #endpoints = new Map<string, EndpointPlan>();
  /** Of interfaces that are let through, as last settled. */
  #letThrough = '';
  #watch: Monitor | undefined;
  #soon: Cancel | undefined;
  #repairing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(deps: NetworkDeps) {
    this.#deps = deps;
    const died = (why: string): void => {
      deps.log.warn({ why }, 'a helper of the firewall died');
      this.#repairSoon();
    };
    this.#nft = new Nft({ died });
    this.#shell = new HelperShell({ died });
    this.#table = new RuleTable(deps.prefix, this.#nft, this.#shell, declare(deps.prefix, deps));
    this.#ports = new HostPorts(deps);
    this.#policy = new ForwardPolicy(this.#shell, deps);
  }

  async applyNetwork(network: NetworkPlan): Promise<void> {
    this.#networks.set(network.id, network);
    this.#settleHost(network);
    await this.#change(this.#ofNetwork(network).map((one) => this.#add(one)));
    await this.#settlePolicy();
  }

  async removeNetwork(network: NetworkPlan): Promise<void> {
    this.#networks.delete(network.id);
    if (this.#isIdle()) await this.#repair();
    else await this.#change(this.#ofNetwork(network).flatMap((one) => this.#drop(one)));
    await this.#settlePolicy();
  }

  async publish(endpoint: EndpointPlan): Promise<void> {
    if (endpoint.ports.length === 0 || this.#isPublished(endpoint)) return;
    const given = this.#handOver(endpoint);
    await this.#ports.take(endpoint);
    this.#endpoints.set(endpoint.id, endpoint);
    try {
      await this.#change([
        ...given.flatMap((one) => this.#drop(one)),
        ...this.#ofPorts(endpoint).map((one) => this.#add(one)),
      ]);
    } catch (error) {
      this.#endpoints.delete(endpoint.id);
      await this.#ports.free(endpoint.id);
      throw error;
    }
    await this.#forgetFlows(endpoint.ports);
  }

  async unpublish(endpoint: EndpointPlan): Promise<void> {
    const { id } = endpoint;
    const published = this.#endpoints.get(id) ?? endpoint;
    this.#endpoints.delete(id);
    await this.#change(this.#ofPorts(published).flatMap((one) => this.#drop(one)));
    await this.#ports.free(id);
    await this.#forgetFlows(published.ports);
  }

  /** As it is now; then flows that began are left alone. */
  #isPublished(endpoint: EndpointPlan): boolean {
    const known = this.#endpoints.get(endpoint.id);
    return known !== undefined && isDeepStrictEqual(portElements(known), portElements(endpoint));
  }

  /** Other endpoints of the container have these ports no more. @returns what led to them */
  #handOver({ id, container, ports }: EndpointPlan): readonly Element[] {
    const isGiven = (one: PortPlan): boolean => ports.some((port) => isSamePort(port, one));
    const givers = [...this.#endpoints.values()].filter(
      (one) => one.container === container && one.id !== id && one.ports.some(isGiven),
    );
    for (const giver of givers) {
      const kept = giver.ports.filter((port) => !isGiven(port));
      if (kept.length > 0) this.#endpoints.set(giver.id, { ...giver, ports: kept });
      else this.#endpoints.delete(giver.id);
    }
    return givers.flatMap((giver) =>
      this.#ofPorts({ ...giver, ports: giver.ports.filter(isGiven) }),
    );
  }

  async sync({ networks, sandboxes }: NetworkPicture): Promise<readonly string[]> {
    this.#networks.clear();
    this.#endpoints.clear();
    for (const network of networks) this.#networks.set(network.id, network);
    for (const endpoint of sandboxes.flatMap((sandbox) => sandbox.endpoints)) {
      if (endpoint.ports.length > 0) this.#endpoints.set(endpoint.id, endpoint);
    }
    for (const network of networks) this.#settleHost(network);
    const ports = await this.#holdAll();
    const rules = await this.#repair();
    this.#letThrough = '';
    await this.#settlePolicy();
    return [...ports, ...rules];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#soon?.();
    this.#watch?.close();
    await this.#repairing;
    this.#nft.close();
    this.#shell.close();
    await this.#ports.close();
  }

  #ofNetwork(network: NetworkPlan): readonly Element[] {
    return networkElements(network).filter((one) => this.#isWanted(one));
  }

  #ofPorts(endpoint: EndpointPlan): readonly Element[] {
    return portElements(endpoint).filter((one) => this.#isWanted(one));
  }

  /** Sets of IPv6 have a 6 at the end. */
  #isWanted({ set }: Element): boolean {
    return this.#deps.firewall6 || !set.endsWith('6');
  }

  #isIdle(): boolean {
    return this.#networks.size === 0 && this.#endpoints.size === 0;
  }

  #settleHost(network: NetworkPlan): void {
    for (const change of settleHost(network, this.#deps))
      this.#deps.log.info({ change }, 'host setting');
  }

  #add(element: Element): string {
    return addElement(this.#deps.prefix, element);
  }

  #drop(element: Element): readonly string[] {
    return dropElement(this.#deps.prefix, element);
  }

  /** One transaction for what was noted before; if it is refused, by way of the repair. */
  async #change(commands: readonly string[]): Promise<void> {
    if (!this.#deps.firewall || commands.length === 0) return;
    try {
      if (this.#table.isDeclared) await this.#nft.run(commands);
      else await this.#repair();
    } catch (error) {
      if (!(error instanceof EffectFailure)) throw error;
      const strange = error instanceof NftRefused && error.code !== 'other';
      if (!strange && error.kind !== 'unavailable') throw error;
      await this.#repair();
    }
  }

  /** One at a time. @returns what was not as it should be */
  #repair(): Promise<readonly string[]> {
    const wanted = (): readonly Element[] => [
      ...[...this.#networks.values()].flatMap((one) => this.#ofNetwork(one)),
      ...[...this.#endpoints.values()].flatMap((one) => this.#ofPorts(one)),
    ];
    const once = (): Promise<readonly string[]> => {
      if (!this.#deps.firewall || this.#isIdle()) return this.#table.remove();
      this.#watchOthers();
      return this.#table.repair(wanted);
    };
    const next = this.#repairing.then(async () => {
      try {
        return await once();
      } catch (error) {
        // A helper that died in the midst of it: the next one is asked.
        if (error instanceof EffectFailure && error.kind === 'unavailable') return once();
        throw error;
      }
    });
    this.#repairing = next.catch(() => undefined);
    return next;
  }

  #watchOthers(): void {
    if (this.#closed) return;
    this.#watch ??= watchRules({
      table: this.#deps.prefix,
      isOurs: (pid) => pid === this.#nft.pid,
      changed: () => this.#repairSoon(),
    });
  }

  #repairSoon(): void {
    if (this.#closed) return;
    this.#soon?.();
    this.#soon = after(SETTLE_MS, () => void this.#repairNow(), { unref: true });
  }

  /** Unasked: nobody waits for it, so what it finds goes to the log. */
  async #repairNow(): Promise<void> {
    try {
      const found = await this.#repair();
      this.#letThrough = '';
      await this.#settlePolicy();
      if (found.length > 0) this.#deps.log.warn({ found }, 'rules were repaired');
    } catch (error) {
      if (this.#closed) return;
      this.#deps.log.warn({ err: error }, 'rules can not be repaired, trying again');
      this.#soon = after(SETTLE_MS * 10, () => void this.#repairNow(), { unref: true });
    }
  }

  /** All ports of the picture held, and no other. @returns what could not be had */
  async #holdAll(): Promise<readonly string[]> {
    const strange = [...this.#ports.endpoints()].filter((id) => !this.#endpoints.has(id));
    await Promise.all(strange.map((id) => this.#ports.free(id)));
    const taken = await Promise.allSettled(
      [...this.#endpoints.values()].map((endpoint) => this.#ports.take(endpoint)),
    );
    return taken.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
  }

  /** Bridges of ours pass where others drop what is forwarded. */
  async #settlePolicy(): Promise<void> {
    if (!this.#deps.firewall) return;
    const { prefix, log } = this.#deps;
    const chosen = [...this.#networks.values()]
      .map(({ bridge }) => bridge)
      .filter((bridge) => !bridge.startsWith(prefix));
    const names = this.#networks.size === 0 ? [] : [`${prefix}+`, ...chosen];
    const text = names.join(' ') || 'none';
    if (text === this.#letThrough) return;
    for (const change of await this.#policy.settle(names)) log.info({ change }, 'host rule');
    this.#letThrough = text;
  }

  /**
   * A flow of UDP that began before would go on to where the port led then, for as long as
   * somebody sends.
   */
  async #forgetFlows(ports: readonly PortPlan[]): Promise<void> {
    if (!this.#deps.firewall) return;
    for (const port of ports.filter(({ protocol }) => protocol === 'udp')) {
      const family = familyOf(port) === 6 ? 'ipv6' : 'ipv4';
      const flow = ['-f', family, '-p', 'udp', '--orig-port-dst', String(port.hostPort)];
      const { code, output } = await this.#shell.run(['conntrack', '-D', ...flow]);
      // 1: there was none.
      if (code > 1) this.#deps.log.warn({ output }, 'old flows could not be forgotten');
    }
  }
}

const isSamePort = (one: PortPlan, other: PortPlan): boolean =>
  one.protocol === other.protocol && one.hostIp === other.hostIp && one.hostPort === other.hostPort;
