/** Where a managed containerd keeps what, and the configuration file that tells it so. */
import { join, resolve } from 'node:path';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface ManagedPaths {
  /** Content, snapshots, metadata: survive a reboot. */
  readonly root: string;
  /** Its `bin` is before the PATH of containerd and of its shims. */
  readonly opt: string;
  /**
   * Sockets and bundles; also the working directory, from which shims are looked up before PATH.
   */
  readonly state: string;
  readonly socket: string;
  readonly config: string;
  readonly pidFile: string;
  /** Output of containerd, and of shims that have nowhere else to write. */
  readonly logFile: string;
}

/** The kernel's limit for the path of a unix socket, without the final zero. */
export const longestSocketPath = 107;

export function managedPaths(dataRoot: string, execRoot: string): ManagedPaths {
  const root = resolve(dataRoot, 'containerd');
  const state = resolve(execRoot, 'containerd');
  return {
    root,
    opt: join(root, 'opt'),
    state,
    socket: join(state, 'containerd.sock'),
    config: join(state, 'config.toml'),
    pidFile: join(state, 'containerd.pid'),
    logFile: join(root, 'containerd.log'),
  };
}

/**
 * Not needed, or known to complain at start where their kernel part is absent. The old runtime
 * `io.containerd.runtime.v1.linux` must stay: in 1.6 the task service does not load without it.
 */
const disabled = [
  'io.containerd.grpc.v1.cri',
  'io.containerd.cri.v1.images',
  'io.containerd.cri.v1.runtime',
  'io.containerd.podsandbox.controller.v1.podsandbox',
  'io.containerd.nri.v1.nri',
  'io.containerd.internal.v1.restart',
  'io.containerd.monitor.v1.cgroups',
  'io.containerd.internal.v1.tracing',
  'io.containerd.tracing.processor.v1.otlp',
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs',
];

/** Version 2 is read by containerd 1.6 to 2.x. No TCP, no metrics, no debug socket. */
export function managedConfig(paths: ManagedPaths, logLevel: LogLevel): string {
  return `# Written by shiplog at each start; changes are lost.
version = 2
root = ${quoted(paths.root)}
state = ${quoted(paths.state)}
disabled_plugins = [
${disabled.map((id) => `  ${quoted(id)},`).join('\n')}
]

[grpc]
  address = ${quoted(paths.socket)}
  max_recv_message_size = 16777216
  max_send_message_size = 16777216

[debug]
  level = ${quoted(logLevel)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${quoted(paths.opt)}
`;
}

/** A basic TOML string: JSON's escapes are a subset of TOML's. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
