/** Which containerd answers, and what it is made of. */
import type { Channel } from '../channel.ts';
import { method } from '../proto.ts';
import type { CallOptions, Labels, PluginInfo, VersionInfo } from '../types.ts';
import { nothing } from '../wire.ts';

interface WirePlugin {
  readonly type: string;
  readonly id: string;
  readonly exports: Labels;
  readonly capabilities: readonly string[];
  readonly init_err: { readonly message: string } | null;
}

export interface Introspection {
  server(options?: CallOptions): Promise<{ readonly uuid: string }>;
  /** @param filters e.g. `type==io.containerd.snapshotter.v1`. */
  plugins(filters?: readonly string[], options?: CallOptions): Promise<PluginInfo[]>;
}

const of = (name: string) => method('introspection.v1.Introspection', name);

export function introspection(channel: Channel): Introspection {
  return {
    async server(options) {
      type Answer = { readonly uuid: string };
      return { uuid: (await channel.unary<Answer>(of('Server'), nothing, options)).uuid };
    },
    async plugins(filters = [], options) {
      type Answer = { readonly plugins: readonly WirePlugin[] };
      const answer = await channel.unary<Answer>(of('Plugins'), { filters }, options);
      return answer.plugins.map(fromPlugin);
    },
  };
}

export async function version(channel: Channel, options?: CallOptions): Promise<VersionInfo> {
  const ask = method('version.v1.Version', 'Version');
  const answer = await channel.unary<VersionInfo>(ask, nothing, options);
  return { version: answer.version, revision: answer.revision };
}

function fromPlugin(wire: WirePlugin): PluginInfo {
  return {
    type: wire.type,
    id: wire.id,
    exports: wire.exports,
    capabilities: wire.capabilities,
    initError: wire.init_err?.message ?? null,
  };
}
