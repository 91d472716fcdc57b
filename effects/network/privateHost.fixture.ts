/**
 * A host of a spec's own: its process leaves for a new network namespace, with loopback and one
 * link to an outside host, so that nothing touches the rules and links of the machine. Containers
 * are named namespaces, as the daemon makes them.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { randomHex } from '../system/ids.ts';
import { checked, libcFunction } from '../system/libc.ts';
import type { EndpointPlan, NetworkPlan, PortPlan, SandboxPlan } from './ports.ts';

const unshare = libcFunction<(flags: number) => number>('int unshare(int flags)');
const newNetwork = 0x40000000;
const execute = promisify(execFile);

/** Standard output; throws with what it said if it fails. */
export async function sh(command: string): Promise<string> {
  const { stdout } = await execute('sh', ['-c', command], { timeout: 15_000 });
  return stdout.trim();
}

export interface PrivateHost {
  /** Of links, namespaces and the table: unique. */
  readonly prefix: string;
  readonly dir: string;
  /** Runs a command in a container, or in `outside`. */
  inside(name: string, command: string): Promise<string>;
  /** What a client in `name` (null: the host) gets from a web server, or why it gets nothing. */
  fetch(name: string | null, address: string, port: number): Promise<string>;
  network(name: string, subnet: number, more?: Partial<NetworkPlan>): Promise<NetworkPlan>;
  /** A container with a web server on port 80 that answers its name. */
  container(
    name: string,
    network: NetworkPlan,
    last: number,
    ports?: readonly PortPlan[],
  ): Promise<EndpointPlan>;
  sandbox(name: string, endpoints: readonly EndpointPlan[]): SandboxPlan;
  leave(): Promise<void>;
}

/** Address of the host as the outside sees it, and the outside's own. */
export const HOST_ADDRESS = '192.0.2.1';
export const OUTSIDE_ADDRESS = '192.0.2.2';

export async function enterPrivateHost(): Promise<PrivateHost> {
  checked(unshare(newNetwork), 'unshare', 'CLONE_NEWNET');
  const host = new Host();
  await host.start();
  return host;
}

class Host implements PrivateHost {
  readonly prefix = `sl${randomHex(3)}`;
  readonly dir = mkdtempSync(join(tmpdir(), 'shiplog-net-'));
  readonly #namespaces: string[] = [];
  readonly #pids: number[] = [];
  #links = 0;

  async start(): Promise<void> {
    await sh('ip link set lo up; sysctl -qw net.ipv4.ip_forward=0');
    await this.#namespace('outside');
    const outside = this.#name('outside');
    await sh(`ip link add out type veth peer name eth0 netns ${outside}
      ip addr add ${HOST_ADDRESS}/24 dev out; ip addr add 2001:db8::1/64 dev out nodad
      ip link set out up`);
    await this.inside(
      'outside',
      `ip addr add ${OUTSIDE_ADDRESS}/24 dev eth0; ip addr add 2001:db8::2/64 dev eth0 nodad
       ip link set eth0 up; ip route add default via ${HOST_ADDRESS}
       ip -6 route add default via 2001:db8::1`,
    );
    await this.#serve('outside');
  }

  inside(name: string, command: string): Promise<string> {
    const quoted = command.replaceAll("'", "'\\''");
    return sh(`ip netns exec ${this.#name(name)} sh -c '${quoted}'`);
  }

  async fetch(name: string | null, address: string, port: number): Promise<string> {
    const request = `exec 3<>/dev/tcp/${address}/${port} && echo "GET / HTTP/1.0" >&3 &&
      echo >&3 && tail -n 1 <&3`;
    const get = `timeout 2 bash -c '${request}' 2>&1 || echo "none: $?"`;
    return name === null ? sh(get) : this.inside(name, get);
  }

  async network(name: string, subnet: number, more: Partial<NetworkPlan> = {}) {
    const bridge = `${this.prefix}b${subnet}`;
    const plan: NetworkPlan = {
      id: randomHex(32),
      name,
      bridge,
      subnets: [
        subnetOf(4, `10.77.${subnet}.0/24`, `10.77.${subnet}.255`),
        subnetOf(6, `fd00:77:${subnet}::/64`, `fd00:77:${subnet}:0:ffff:ffff:ffff:ffff`),
      ],
      internal: false,
      icc: true,
      masquerade: true,
      hostBinding: '0.0.0.0',
      mtu: null,
      isDefault: false,
      ...more,
    };
    await sh(`ip link add ${bridge} type bridge; ip link set ${bridge} up
      ip addr add 10.77.${subnet}.1/24 dev ${bridge}
      ip addr add fd00:77:${subnet}::1/64 dev ${bridge} nodad`);
    return plan;
  }

  async container(
    name: string,
    network: NetworkPlan,
    last: number,
    ports: readonly PortPlan[] = [],
  ): Promise<EndpointPlan> {
    await this.#namespace(name);
    this.#links += 1;
    const hostLink = `${this.prefix}v${this.#links}`;
    const [v4 = '', v6 = ''] = network.subnets.map(({ gateway }) => gateway ?? '');
    const ipv4 = v4.replace(/1$/, String(last));
    const ipv6 = v6.replace(/1$/, String(last));
    await sh(`ip link add ${hostLink} master ${network.bridge} type veth \
        peer name eth0 netns ${this.#name(name)}
      ip link set ${hostLink} up type bridge_slave hairpin on`);
    await this.inside(
      name,
      `ip addr add ${ipv4}/24 dev eth0; ip addr add ${ipv6}/64 dev eth0 nodad
       ip link set eth0 up; ip route add default via ${v4}; ip -6 route add default via ${v6}`,
    );
    await this.#serve(name);
    return {
      id: randomHex(32),
      network,
      container: name,
      run: 1,
      hostLink,
      containerLink: 'eth0',
      mac: '',
      ipv4: { address: ipv4, prefixLength: 24, gateway: v4 },
      ipv6: { address: ipv6, prefixLength: 64, gateway: v6 },
      linkLocal: [],
      ports,
      isGateway: true,
      dnsNames: [name],
      links: [],
    };
  }

  sandbox(name: string, endpoints: readonly EndpointPlan[]): SandboxPlan {
    return {
      container: name,
      name,
      run: 1,
      id: randomHex(32),
      namespace: this.#name(name),
      namespacePath: `/run/netns/${this.#name(name)}`,
      endpoints,
      dnsServers: [],
      resolves: true,
      linked: [],
    };
  }

  async leave(): Promise<void> {
    for (const pid of this.#pids.splice(0)) process.kill(pid, 'SIGKILL');
    for (const name of this.#namespaces.splice(0)) await sh(`ip netns del ${name}`);
    rmSync(this.dir, { recursive: true });
  }

  #name(name: string): string {
    return `${this.prefix}n-${name}`;
  }

  async #namespace(name: string): Promise<void> {
    await sh(`ip netns add ${this.#name(name)}`);
    this.#namespaces.push(this.#name(name));
    await this.inside(name, 'ip link set lo up');
  }

  async #serve(name: string): Promise<void> {
    const root = join(this.dir, name);
    mkdirSync(root);
    writeFileSync(join(root, 'index.html'), name);
    const started = await this.inside(
      name,
      `busybox httpd -f -p 80 -h ${root} >/dev/null 2>&1 & echo $!`,
    );
    this.#pids.push(Number(started));
  }
}

function subnetOf(family: 4 | 6, subnet: string, last: string) {
  const [first = '', length] = subnet.split('/');
  const gateway = `${first.replace(/0$/, '')}1`;
  return { family, subnet, first, last, gateway, prefixLength: Number(length) };
}
