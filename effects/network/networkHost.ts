/**
 * The host's networks, made to fit the plans: links by `ip`, rules by the firewall, names by the
 * resolver. Whatever an earlier try or daemon left is found and used, or taken away.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import type { NetworkConfig } from '../../machines/network.config.ts';
import { namespaceName, sandboxId } from '../../machines/network.names.ts';
import { together } from '../container/together.ts';
import { EffectFailure } from '../failure.ts';
import { IpTool } from './ipTool.ts';
import { Links } from './links.ts';
import type { NetworkPort } from './networkPort.ts';
import { type NetworkLookup, networkPlan, sandboxPlan } from './plans.ts';
import type {
  EndpointPlan,
  Firewall,
  Names,
  NetworkDeps,
  NetworkPicture,
  SandboxPlan,
} from './ports.ts';

export interface NetworkHost extends NetworkPort {
  /**
   * Compares the host with the picture, repairs what is missing, removes what nobody wants.
   * @returns what it had to do, a sentence each
   */
  sync(picture: NetworkPicture): Promise<readonly string[]>;
  /** Process ids of the helpers, for whoever looks after them. */
  pids(): readonly number[];
  end(): Promise<void>;
}

export interface NetworkParts {
  readonly deps: NetworkDeps;
  readonly firewall: Firewall;
  readonly names: Names;
  readonly networkOf: NetworkLookup;
}

export function openNetworkHost({ deps, firewall, names, networkOf }: NetworkParts): NetworkHost {
  const died = (why: string): void => deps.log.warn({}, `${why}; another one is started`);
  const ip = new IpTool(deps.directory, died);
  const slow = new IpTool(deps.directory, died);
  const links = new Links(deps.prefix, ip, slow);
  const planOf = (container: ContainerContext): SandboxPlan | null =>
    sandboxPlan(container, deps.prefix, networkOf);

  async function plugAll(plan: SandboxPlan): Promise<void> {
    await together(...plan.endpoints.map((endpoint) => plug(plan, endpoint)), names.set(plan));
  }

  async function plug(plan: SandboxPlan, endpoint: EndpointPlan): Promise<void> {
    await together(links.plug(plan, endpoint).then(nothing), published(endpoint));
  }

  async function published(endpoint: EndpointPlan): Promise<void> {
    if (endpoint.ports.length > 0) await firewall.publish(endpoint);
  }

  function placeOf(container: ContainerContext, network: string) {
    const plan = planOf(container);
    const endpoint = plan?.endpoints.find((one) => one.network.id === network);
    return { plan, endpoint };
  }

  return {
    async createNetwork(network: NetworkConfig) {
      if (network.driver !== 'bridge') return;
      const plan = networkPlan(network);
      await links.makeBridge(plan);
      await firewall.applyNetwork(plan);
    },
    async removeNetwork(network) {
      if (network.driver !== 'bridge' || network.bridge === '') return;
      const plan = networkPlan(network);
      await firewall.removeNetwork(plan);
      await links.removeBridge(plan);
    },
    async open(container) {
      const plan = planOf(container);
      if (plan === null) return null;
      await links.makeNamespace(plan);
      return { path: plan.namespacePath, ready: plugAll(plan) };
    },
    async close(container, run) {
      const plan = container.run === run ? planOf(container) : null;
      const ported = plan?.endpoints.filter(({ ports }) => ports.length > 0) ?? [];
      const namespace = namespaceName(deps.prefix, sandboxId(container.id, run));
      await together(
        links.removeNamespace({ namespace }),
        ...ported.map((endpoint) => firewall.unpublish(endpoint)),
        plan === null ? Promise.resolve() : names.remove(container.id),
      );
    },
    async attach(container, network) {
      const { plan, endpoint } = placeOf(container, network);
      if (!plan || !endpoint) throw new EffectFailure('failed', `network ${network} not found`);
      await plug(plan, endpoint);
      await names.set(plan);
    },
    async detach(container, network) {
      const { plan, endpoint } = placeOf(container, network);
      if (!plan || !endpoint) return;
      if (endpoint.ports.length > 0) await firewall.unpublish(endpoint);
      await links.unplug(endpoint);
      const rest = { ...plan, endpoints: plan.endpoints.filter((one) => one !== endpoint) };
      await names.set(rest);
    },
    async sync(picture) {
      const said = [...(await links.sweep(picture))];
      for (const network of picture.networks) {
        if (await links.makeBridge(network)) said.push(`bridge ${network.bridge} was missing`);
      }
      said.push(...(await firewall.sync(picture)));
      for (const plan of picture.sandboxes) {
        for (const endpoint of plan.endpoints) {
          if (!(await links.plug(plan, endpoint))) continue;
          said.push(`link ${endpoint.hostLink} of container ${plan.name} was missing`);
        }
      }
      said.push(...(await names.sync(picture.sandboxes)));
      return said;
    },
    pids: () => [ip.pid, slow.pid].filter((pid) => pid !== undefined),
    async end() {
      ip.close();
      slow.close();
      await together(firewall.close(), names.close());
    },
  };
}

const nothing = (): void => undefined;

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
  sync: async () => [],
  close: async () => undefined,
};
