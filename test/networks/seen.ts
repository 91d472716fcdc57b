/** What the daemon says of its containers, and what the host has of them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { read } from './acts.ts';

const execute = promisify(execFile);

export interface Place {
  readonly net: string;
  readonly addresses: readonly string[];
  readonly mac: string;
}

export interface SeenBox {
  readonly name: string;
  readonly runs: boolean;
  readonly pid: number;
  readonly places: readonly Place[];
  /** Ports of the host that lead to it, each once. */
  readonly ports: readonly number[];
  /** Name of its network namespace; empty: it has none. */
  readonly namespace: string;
}

interface Inspected {
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly Pid: number };
  readonly NetworkSettings: {
    readonly SandboxKey: string;
    readonly Ports: Readonly<Record<string, readonly { HostPort: string }[] | null>>;
    readonly Networks: Readonly<
      Record<string, { IPAddress: string; GlobalIPv6Address: string; MacAddress: string }>
    >;
  };
}

export async function look(daemon: TemporaryDaemon): Promise<readonly SeenBox[]> {
  const listed = await read<readonly { Id: string }[]>(daemon, '/containers/json?all=1');
  const all = listed.map(async ({ Id }) => {
    const { status, body } = await daemon.request('GET', `/containers/${Id}/json`);
    // One that a killed daemon was about to remove goes meanwhile.
    return status === 404 ? [] : [seenBox(JSON.parse(body) as Inspected)];
  });
  return (await Promise.all(all)).flat();
}

function seenBox({ Name, State, NetworkSettings }: Inspected): SeenBox {
  const { SandboxKey, Ports, Networks } = NetworkSettings;
  const bindings = Object.values(Ports).flatMap((list) => list ?? []);
  return {
    name: Name.slice(1),
    runs: State.Running,
    pid: State.Pid,
    places: Object.entries(Networks).map(([net, one]) => ({
      net,
      addresses: [one.IPAddress, one.GlobalIPv6Address].filter((address) => address !== ''),
      mac: one.MacAddress,
    })),
    ports: [...new Set(bindings.map(({ HostPort }) => Number(HostPort)))],
    namespace: SandboxKey.replace(/^.*\//, ''),
  };
}

/** Addresses in a process's network but those of the loopback and of single links, sorted. */
export async function addressesIn(pid: number): Promise<readonly string[]> {
  const words = ['-t', String(pid), '-n', 'ip', '-o', 'addr', 'show', 'scope', 'global'];
  const { stdout } = await execute('nsenter', words);
  return [...stdout.matchAll(/inet6? (\S+)\/\d+/g)].map(([, address = '']) => address).sort();
}
