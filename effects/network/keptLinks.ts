/**
 * The bridges and links that are whole, and should stay so. What somebody else takes away is made
 * again at once; what the daemon takes away itself is forgotten before.
 */
import { after, type Cancel } from '../system/clock.ts';
import { isOn, isUp, linkExists } from './ipTool.ts';
import type { Links } from './links.ts';
import { watchLinks } from './linkWatch.ts';
import type { Monitor } from './monitor.ts';
import type { EndpointPlan, Firewall, NetworkDeps, NetworkPlan, SandboxPlan } from './ports.ts';

/** Changes come in heaps: a bridge takes its links down with it. */
const SETTLE_MS = 200;

interface Kept {
  readonly plan: SandboxPlan;
  readonly endpoint: EndpointPlan;
}

export class KeptLinks {
  readonly #links: Links;
  readonly #firewall: Firewall;
  readonly #log: NetworkDeps['log'];
  readonly #bridges = new Map<string, NetworkPlan>();
  readonly #plugged = new Map<string, Kept>();
  #watch: Monitor | undefined;
  #soon: Cancel | undefined;
  #repairing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(links: Links, firewall: Firewall, log: NetworkDeps['log']) {
    this.#links = links;
    this.#firewall = firewall;
    this.#log = log;
  }

  keepBridge(network: NetworkPlan): void {
    this.#bridges.set(network.bridge, network);
    if (!this.#closed) {
      this.#watch ??= watchLinks({ changed: (name) => this.#changed(name) });
    }
  }

  forgetBridge({ bridge }: NetworkPlan): void {
    this.#bridges.delete(bridge);
  }

  keepLink(plan: SandboxPlan, endpoint: EndpointPlan): void {
    this.#plugged.set(endpoint.hostLink, { plan, endpoint });
  }

  forgetLink({ hostLink }: Pick<EndpointPlan, 'hostLink'>): void {
    this.#plugged.delete(hostLink);
  }

  /** One at a time. @returns what was missing, a sentence each */
  repair(): Promise<readonly string[]> {
    const next = this.#repairing.then(() => this.#repair());
    this.#repairing = next.catch(() => undefined);
    return next;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#soon?.();
    this.#watch?.close();
    await this.#repairing;
  }

  #changed(name: string | null): void {
    if (this.#closed) return;
    if (name !== null && !this.#bridges.has(name) && !this.#plugged.has(name)) return;
    this.#soon ??= after(SETTLE_MS, () => void this.#repairNow(), { unref: true });
  }

  /** Unasked: nobody waits for it, so what it finds goes to the log. */
  async #repairNow(): Promise<void> {
    this.#soon = undefined;
    try {
      const found = await this.repair();
      if (found.length > 0) this.#log.warn({ found }, 'links were repaired');
    } catch (error) {
      this.#log.warn({ err: error }, 'links can not be repaired');
    }
  }

  async #repair(): Promise<readonly string[]> {
    const said: string[] = [];
    for (const network of this.#bridges.values()) {
      if (linkExists(network.bridge) && isUp(network.bridge)) continue;
      await this.#links.makeBridge(network);
      await this.#firewall.applyNetwork(network);
      said.push(`bridge ${network.bridge} of network ${network.name} was missing`);
    }
    for (const [name, { plan, endpoint }] of this.#plugged) {
      const isWhole = linkExists(name) && isUp(name) && isOn(name, endpoint.network.bridge);
      // Of a namespace that is gone nothing is left to plug into: its run is about to be over.
      if (isWhole || !this.#links.hasNamespace(plan) || !this.#plugged.has(name)) continue;
      await this.#links.plug(plan, endpoint);
      said.push(`link ${name} of container ${plan.name} was missing`);
    }
    return said;
  }
}
