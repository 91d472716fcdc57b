/** The first connection of a daemon to its containerd: how long it waits, and what it says then. */
import { EffectFailure } from '../failure.ts';
import { after } from '../system/clock.ts';
import { StartRefused } from '../system/startRefused.ts';
import { type Containerd, connectContainerd } from './client.ts';
import type { Log } from './managed.ts';

const CONNECT_MS = 30_000;
/** Tried again and again: until then nobody is told that it is away. */
const CONNECT_AGAIN_MS = 5_000;
/** Whoever started the daemon looks for a reason after that. */
const SILENT_MS = 2_000;

/** Somebody may have given the wrong address: a daemon that never reached it says so, and ends. */
export async function reachContainerd(
  at: { readonly address: string; readonly namespace: string },
  { reachedBefore, log }: { readonly reachedBefore: boolean; readonly log: Log },
): Promise<Containerd> {
  const { address } = at;
  const client = connectContainerd(at);
  const tell = after(SILENT_MS, () => log.warn({ address }, 'no containerd answers yet, waiting'));
  const there = await client.whenConnected(reachedBefore ? CONNECT_AGAIN_MS : CONNECT_MS);
  tell();
  if (there) return client;
  client.close();
  const message = `no containerd answers at ${address}`;
  throw reachedBefore ? new EffectFailure('unavailable', message) : new StartRefused(message);
}
