/**
 * Names in the host: of links and network namespaces. They are told from ids, so that whoever finds
 * one knows whose it is, and so that daemons beside each other never have the same. A link's name
 * has 15 characters at most.
 */
import { digestOf } from './step.ts';
import type { ContainerId } from './words.ts';

/** @param hex at least 16 digits */
function word(hex: string, length: number): string {
  const text = BigInt(`0x${hex.slice(0, 16)}`).toString(36);
  return text.slice(-length).padStart(length, '0');
}

/** What all names of one daemon begin with. @param daemonId hexadecimal */
export const namesOf = (daemonId: string): string => `sl${word(daemonId, 5)}`;

export const bridgeName = (prefix: string, network: string): string =>
  `${prefix}b${word(network, 7)}`;

/** The host's end of an endpoint's link. */
export const hostLinkName = (prefix: string, endpoint: string): string =>
  `${prefix}v${word(endpoint, 7)}`;

/** 64 hexadecimal digits; docker's `SandboxID`. */
export const sandboxId = (id: ContainerId, run: number): string =>
  digestOf({ value: 'sandbox', context: { id, run } });

/** As `ip netns` knows it. */
export const namespaceName = (prefix: string, sandbox: string): string =>
  `${prefix}-${sandbox.slice(0, 12)}`;

export const namespacePath = (prefix: string, sandbox: string): string =>
  `/run/netns/${namespaceName(prefix, sandbox)}`;
