/**
 * Whether containerd is there: connected, and answering. A process that was stopped, or hangs,
 * keeps its connections; so it is asked something small every few seconds, and one that twice does
 * not answer counts as away until it does.
 */
import { sleep } from '../system/clock.ts';
import type { Containerd } from './client.ts';
import { isContainerdError } from './errors.ts';

/** What is asked of: a client, or as much of one. */
export type Asked = Pick<Containerd, 'address' | 'state' | 'onState' | 'version'>;

export interface PresenceOptions {
  /** Milliseconds between two questions. */
  readonly everyMs?: number;
  /** Milliseconds that an answer may take. */
  readonly deadlineMs?: number;
}

const DEFAULTS = { everyMs: 5_000, deadlineMs: 5_000 };
/** One answer that is late may be the machine's fault. */
const MISSED = 2;

/**
 * Tells of each change. To be called when it is connected.
 * @param tell null: it is there; else why it is not
 * @returns ends the watch
 */
export function watchPresence(
  client: Asked,
  tell: (away: string | null) => void,
  options: PresenceOptions = {},
): () => void {
  const { everyMs, deadlineMs } = { ...DEFAULTS, ...options };
  const over = new AbortController();
  let told: string | null = null;
  const say = (away: string | null): void => {
    if ((told === null) === (away === null) || over.signal.aborted) return;
    told = away;
    tell(away);
  };
  const forget = client.onState((state) =>
    say(state === 'connected' ? null : `connection to ${client.address} lost`),
  );
  const ask = async (): Promise<void> => {
    let missed = 0;
    for (;;) {
      await sleep(everyMs, over.signal);
      if (client.state() !== 'connected') continue;
      missed = (await answers(client, deadlineMs)) ? 0 : missed + 1;
      if (missed === 0 && client.state() === 'connected') say(null);
      if (missed >= MISSED) say(`nothing answers at ${client.address}`);
    }
  };
  ask().catch((error: unknown) => {
    if (!over.signal.aborted) process.emitWarning(`watching containerd: ${String(error)}`);
  });
  return () => {
    forget();
    over.abort();
  };
}

/** A refusal is an answer as well; a connection that broke is told of by itself. */
async function answers(client: Asked, deadlineMs: number): Promise<boolean> {
  try {
    await client.version({ deadlineMs });
    return true;
  } catch (error) {
    return !isContainerdError(error, 'deadline');
  }
}
