/**
 * Which capabilities the process gets. Defaults and the meaning of CapAdd, CapDrop and `ALL` are
 * Docker's; numbers are the kernel's, in the order of linux/capability.h.
 */
import type { OciCapabilities } from './types.ts';

export const KNOWN = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;

/** The bounding set of a container that asks for nothing: mask 00000000a80425fb. */
const DEFAULT: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

export interface CapabilityWish {
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly privileged: boolean;
  /** Bit set of what the daemon may give: a runtime refuses all else. */
  readonly available: bigint;
}

/** The sets for the spec; inheritable and ambient stay empty, as Docker leaves them. */
export function capabilities(wish: CapabilityWish): OciCapabilities {
  const set = wish.privileged ? availableCapabilities(wish.available) : adjusted(wish);
  return { bounding: set, effective: set, permitted: set };
}

/** Names of the set's members that are known here. */
export function availableCapabilities(set: bigint): readonly string[] {
  return KNOWN.filter((_, number) => ((set >> BigInt(number)) & 1n) === 1n);
}

function adjusted(wish: CapabilityWish): readonly string[] {
  const add = wish.add.map(canonical);
  const drop = new Set(wish.drop.map(canonical));
  if (add.includes('ALL')) {
    return availableCapabilities(wish.available).filter((name) => !drop.has(name));
  }
  const base = drop.has('ALL') ? [] : DEFAULT.filter((name) => !drop.has(name));
  return [...new Set([...base, ...add])];
}

function canonical(name: string): string {
  const upper = name.toUpperCase();
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}
