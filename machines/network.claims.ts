/**
 * What is claimed of networks. A name belongs to one network. An address in a network is a share of
 * it, held by a container from the start of a run to the end of its clean-up; whoever removes the
 * network takes the whole, so the store refuses whichever of the two comes second. A host port
 * for all addresses is the whole of it, for one address a share.
 */
import { type Claim, type StreamName, shareOf } from './words.ts';

export const networkStream = (id: string): StreamName => `network/${id}`;
export const networkOfStream = (stream: StreamName): string => stream.slice('network/'.length);

export const networkNameClaim = (name: string): Claim => ({ kind: 'network-name', key: name });

export const networkClaim = (id: string): Claim => ({ kind: 'network', key: id });
/** @param user an address, canonical, or the id of a container for its place in the network */
export const networkShare = (id: string, user: string): Claim => shareOf(networkClaim(id), user);

/** All networks have a share of it: so they are found. */
export const ALL_NETWORKS: Claim = { kind: 'networks', key: 'all' };

const ANY = new Set(['0.0.0.0', '::']);

/** @param protocol `tcp`, `udp`, `sctp` */
export function portClaim(protocol: string, hostIp: string, hostPort: number): Claim {
  const all = wholePort(protocol, hostIp, hostPort);
  return ANY.has(hostIp) ? all : shareOf(all, hostIp);
}

export const wholePort = (protocol: string, hostIp: string, hostPort: number): Claim => ({
  kind: 'port',
  key: `${protocol}${hostIp.includes(':') ? 6 : 4}/${hostPort}`,
});
