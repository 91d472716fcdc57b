/**
 * A story of networks: requests that follow each other, and looks at what came of them. Both
 * engines live it, each from the beginning, with nothing left of the story before.
 */
export interface Story {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** Kinds of what a step tells; each is a part of the comparison. */
export type Step =
  | { readonly kind: 'answer'; readonly line: string; readonly body?: object; readonly show?: Show }
  | { readonly kind: 'container'; readonly name: string }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'inside'; readonly name: string; readonly script: string };

/** What of a successful answer is compared; absent: that it succeeded. */
export type Show = (answer: unknown) => unknown;

export const story = (title: string, ...steps: readonly (Step | readonly Step[])[]): Story => ({
  title,
  steps: steps.flat(),
});

/** @param line `POST /networks/create` */
export const ask = (line: string, body?: object, show?: Show): Step => ({
  kind: 'answer',
  line,
  ...(body === undefined ? {} : { body }),
  ...(show === undefined ? {} : { show }),
});

interface Wanted {
  readonly config?: object;
  readonly host?: object;
  /** `EndpointsConfig`. */
  readonly endpoints?: object;
}

export const create = (name: string, { config, host, endpoints }: Wanted = {}): Step =>
  ask(`POST /containers/create?name=${name}`, {
    Image: 'busybox:latest',
    Cmd: ['sh', '-c', 'trap exit TERM; while :; do sleep 0.1; done'],
    ...config,
    HostConfig: host ?? {},
    ...(endpoints === undefined ? {} : { NetworkingConfig: { EndpointsConfig: endpoints } }),
  });

export const start = (name: string): Step => ask(`POST /containers/${name}/start`);
export const stop = (name: string): Step => ask(`POST /containers/${name}/stop?t=5`);
export const remove = (name: string): Step => ask(`DELETE /containers/${name}?force=1`);
export const run = (name: string, wanted: Wanted = {}): readonly Step[] => [
  create(name, wanted),
  start(name),
];
/** Started in a network. */
export const runIn = (network: string, name: string, settings?: object): readonly Step[] =>
  run(name, {
    host: { NetworkMode: network },
    ...(settings === undefined ? {} : { endpoints: { [network]: settings } }),
  });

/** `NetworkSettings` of inspect, and what stands in other parts of networks. */
export const container = (name: string): Step => ({ kind: 'container', name });
export const network = (name: string): Step => ({ kind: 'network', name });

export const inside = (name: string, script: string = LOOK): Step => ({
  kind: 'inside',
  name,
  script,
});

export const makeNetwork = (Name: string, fields: object = {}): Step =>
  ask('POST /networks/create', { Name, CheckDuplicate: true, ...fields });

/** A subnet that nobody routes to: of those for measurements. */
export const pool = (subnet: string, more: object = {}) => ({
  IPAM: { Driver: 'default', Config: [{ Subnet: subnet, ...more }] },
});

export const connect = (networkName: string, Container: string, EndpointConfig?: object): Step =>
  ask(`POST /networks/${networkName}/connect`, {
    Container,
    ...(EndpointConfig === undefined ? {} : { EndpointConfig }),
  });
export const disconnect = (networkName: string, Container: string, Force = false): Step =>
  ask(`POST /networks/${networkName}/disconnect`, { Container, Force });

/** Links, routes, names, and the kernel's settings for them. */
export const LOOK = [
  'ip addr',
  'echo "# routes"; ip route; ip -6 route',
  'echo "# files"; cat /etc/hosts /etc/resolv.conf /etc/hostname',
  'echo "# names"; hostname; cat /proc/sys/kernel/domainname',
].join('\n');

export const SETTINGS =
  'cd /proc/sys/net; for i in $(find ipv4 ipv6 core unix netfilter -type f 2>/dev/null | sort); ' +
  'do echo $i $(cat $i 2>/dev/null); done';
