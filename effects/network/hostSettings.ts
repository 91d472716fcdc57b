/** Settings of the kernel that networks need. Read before they are written; never set back. */
import { readFileSync, writeFileSync } from 'node:fs';
import { EffectFailure } from '../failure.ts';
import { codeOf } from '../system/libc.ts';
import type { HostRules, NetworkPlan } from './ports.ts';

/** Undefined: this kernel has no such setting. */
function setting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/net/${name}`, 'utf8').trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @returns what was changed, for the log */
function ensure(name: string, value: string): readonly string[] {
  const now = setting(name);
  if (now === undefined || now === value) return [];
  try {
    writeFileSync(`/proc/sys/net/${name}`, value);
  } catch (error) {
    throw new EffectFailure('failed', `net/${name} can not be set to ${value}: ${error}`);
  }
  return [`net/${name} was ${now} and is ${value}`];
}

/**
 * What the rules of a network rely on: forwarding, and on its bridge that 127.0.0.0/8 may be
 * routed (ports that are published on 127.0.0.1). Without ICC, bridges have to ask the rules.
 * @returns what was changed of the host's own, a sentence each
 */
export function settleHost(
  network: NetworkPlan,
  { forwarding }: Pick<HostRules, 'forwarding'>,
): readonly string[] {
  const { bridge, subnets, icc, internal } = network;
  ensure(`ipv4/conf/${bridge}/route_localnet`, '1');
  const hasIpv6 = subnets.some(({ family }) => family === 6);
  return [
    ...(internal || !forwarding ? [] : ensure('ipv4/ip_forward', '1')),
    ...(internal || !forwarding || !hasIpv6 ? [] : ensure('ipv6/conf/all/forwarding', '1')),
    ...(icc ? [] : ensure('bridge/bridge-nf-call-iptables', '1')),
    ...(icc || !hasIpv6 ? [] : ensure('bridge/bridge-nf-call-ip6tables', '1')),
  ];
}
