/** What dockerd's configuration knows and shiplog does not do: refused by name, with the reason. */
import { OptionError } from '../optionError.ts';

const NO_TLS = 'there is no TLS yet; use unix:// sockets';
const NO_SWARM = 'there is no swarm mode';
const OLD = 'dockerd itself has given it up';
const NO_PROXY = 'set the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the process';

export const REFUSED: Readonly<Record<string, string>> = {
  'allow-direct-routing': 'published ports are reached by the address of the host alone',
  'allow-nondistributable-artifacts': OLD,
  'api-cors-header': OLD,
  'authorization-plugins': 'there are no plugins',
  'bridge-accept-fwmark': 'rules for marked packets are not written',
  builder: 'there is no build',
  'cdi-spec-dirs': 'devices of CDI are not served',
  'cluster-advertise': OLD,
  'cluster-store': OLD,
  'cluster-store-opts': OLD,
  'containerd-plugins-namespace': 'there are no plugins',
  'cpu-rt-period': 'real-time scheduling of the parent cgroup is not set',
  'cpu-rt-runtime': 'real-time scheduling of the parent cgroup is not set',
  'cri-containerd': "containerd's CRI is not started",
  'deprecated-key-path': OLD,
  experimental: 'nothing is experimental',
  graph: `${OLD}: use data-root`,
  'host-gateway-ip': 'use host-gateway-ips',
  'http-proxy': NO_PROXY,
  'https-proxy': NO_PROXY,
  'ip-forward-no-drop': 'the policy of forwarding is left as it is',
  'log-format': "the journal's lines are JSON, or for people on a terminal",
  'min-api-version': 'all versions from 1.24 on are served',
  'network-control-plane-mtu': NO_SWARM,
  'network-diagnostic-port': NO_SWARM,
  'no-proxy': NO_PROXY,
  'node-generic-resources': NO_SWARM,
  'nri-opts': 'NRI is not served',
  'oom-score-adjust': 'it is set in the systemd unit',
  proxies: NO_PROXY,
  'raw-logs': "the journal's lines have no colours but on a terminal",
  rootless: 'the daemon runs as root',
  'selinux-enabled': 'labels of SELinux are not set',
  'storage-opts': 'snapshotters are configured in containerd',
  'swarm-default-advertise-addr': NO_SWARM,
  'swarm-raft-election-tick': NO_SWARM,
  'swarm-raft-heartbeat-tick': NO_SWARM,
  tls: NO_TLS,
  tlscacert: NO_TLS,
  tlscert: NO_TLS,
  tlskey: NO_TLS,
  tlsverify: NO_TLS,
  'userland-proxy-path': 'the daemon forwards by itself, without a program of its own',
  'userns-remap': 'user namespaces are not remapped',
};

/** Flags that are not named as in the file. */
export const REFUSED_FLAGS: Readonly<Record<string, string>> = {
  ...REFUSED,
  'authorization-plugin': 'there are no plugins',
  'cdi-spec-dir': 'devices of CDI are not served',
  'cluster-store-opt': OLD,
  'node-generic-resource': NO_SWARM,
  'nri-opt': 'NRI is not served',
  restart: `${OLD}: use the policy of the container`,
  'storage-opt': 'snapshotters are configured in containerd',
};

export function refusedOption(name: string, reason: string): OptionError {
  return new OptionError(`dockerd's option ${name} is not supported by shiplog: ${reason}`);
}

/** `"tls": false`, `"userns-remap": ""`: asks for nothing, and is taken. */
export function asksNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (value !== null && typeof value === 'object') return Object.keys(value).length === 0;
  return value === false || value === '' || value === 0;
}
