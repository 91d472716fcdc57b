/**
 * Names of containers: one table for all, and for each container on a network of names a resolver
 * at 127.0.0.11 in its own namespace, served by this process. After a restart of the daemon the
 * sockets are opened again, on the same port if it is free, before anything else is done.
 */
import { EffectFailure } from '../failure.ts';
import { openInNamespace } from '../system/namespaces.ts';
import { answerTo } from './dnsAnswer.ts';
import { NameTable } from './nameTable.ts';
import type { Names, NetworkDeps, SandboxPlan } from './ports.ts';
import { Resolver } from './resolver.ts';

export interface NamesDeps extends Pick<NetworkDeps, 'log'> {
  /** Name servers of the host as they are now. */
  readonly hostServers: () => readonly string[];
}

export const RESOLVER_ADDRESS = '127.0.0.11';
/** In the container's namespace, away from what programs listen on. */
const WISHED_PORT = 41_053;
const TABLE = 'shiplog_names';

interface Serving {
  readonly run: number;
  readonly path: string;
  readonly resolver: Promise<Resolver>;
}

export function makeNames(deps: NamesDeps): Names {
  return new HostNames(deps);
}

class HostNames implements Names {
  readonly #deps: NamesDeps;
  readonly #table = new NameTable();
  readonly #serving = new Map<string, Serving>();

  constructor(deps: NamesDeps) {
    this.#deps = deps;
  }

  async set(sandbox: SandboxPlan): Promise<void> {
    const { container, run, namespacePath: path, resolves } = sandbox;
    this.#table.set(sandbox);
    const before = this.#serving.get(container);
    if (before?.run === run && before.path === path) {
      await before.resolver;
      return;
    }
    if (before !== undefined) await this.#stop(container, before);
    if (!resolves) return;
    const resolver = this.#open(container, path);
    const serving = { run, path, resolver };
    this.#serving.set(container, serving);
    try {
      await resolver;
    } catch (error) {
      if (this.#serving.get(container) === serving) this.#serving.delete(container);
      throw error;
    }
  }

  async remove(container: string): Promise<void> {
    this.#table.remove(container);
    const serving = this.#serving.get(container);
    if (serving !== undefined) await this.#stop(container, serving);
  }

  called(container: string): SandboxPlan | undefined {
    return this.#table.called(container);
  }

  linkersOf(container: string): readonly string[] {
    return this.#table.linkersOf(container);
  }

  async sync(sandboxes: readonly SandboxPlan[]): Promise<readonly string[]> {
    const wanted = new Set(sandboxes.map(({ container }) => container));
    const strange = this.#table.containers().filter((container) => !wanted.has(container));
    await Promise.all(strange.map((container) => this.remove(container)));
    const set = await Promise.allSettled(sandboxes.map((sandbox) => this.set(sandbox)));
    const failures = set.flatMap((one, at) =>
      one.status === 'rejected' ? [`${sandboxes[at]?.name} resolves no names: ${one.reason}`] : [],
    );
    return [...strange.map((container) => `names of ${container} were still known`), ...failures];
  }

  async close(): Promise<void> {
    await Promise.all([...this.#serving].map(([id, serving]) => this.#stop(id, serving)));
  }

  async #open(container: string, path: string): Promise<Resolver> {
    const address = RESOLVER_ADDRESS.split('.').map(Number);
    const sockets = await openInNamespace({ path, address, wishedPort: WISHED_PORT, table: TABLE });
    return new Resolver(
      {
        verdict: (query, transport) => answerTo(query, container, this.#table, transport),
        servers: () => {
          const given = this.#table.get(container)?.dnsServers ?? [];
          return given.length > 0 ? given : this.#deps.hostServers();
        },
        warn: (err) => this.#deps.log.warn({ err, container }, 'a resolver has trouble'),
      },
      sockets,
    );
  }

  async #stop(container: string, serving: Serving): Promise<void> {
    if (this.#serving.get(container) === serving) this.#serving.delete(container);
    try {
      (await serving.resolver).close();
    } catch (error) {
      // Its opening failed, and was told to whoever asked for it: nothing is there to close.
      if (!(error instanceof EffectFailure)) throw error;
    }
  }
}
