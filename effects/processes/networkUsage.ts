/** Counters of network interfaces, as `/proc/<pid>/net/dev` lists them. */

export interface NetworkUsage {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txDropped: number;
}

/** All but loopback, by name. */
export function interfaces(netDev: string): Readonly<Record<string, NetworkUsage>> {
  const lines = [...netDev.matchAll(/^\s*([^\s:]+):\s*(.*)$/gm)];
  const counted = lines.map(([, name = '', rest = '']) => {
    const numbers = rest.split(/\s+/).map(Number);
    const at = (index: number): number => numbers[index] ?? 0;
    const received = { rxBytes: at(0), rxPackets: at(1), rxErrors: at(2), rxDropped: at(3) };
    const sent = { txBytes: at(8), txPackets: at(9), txErrors: at(10), txDropped: at(11) };
    return [name, { ...received, ...sent }] as const;
  });
  return Object.fromEntries(counted.filter(([name]) => name !== 'lo'));
}
