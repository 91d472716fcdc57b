/**
 * Long work over the log, in a thread of its own with its own read connection: the daemon goes on
 * meanwhile. A few at a time; whoever asks and goes away ends his job.
 */
import { Worker } from 'node:worker_threads';
import type { JobKind, Jobs } from '../cli/replay/jobs.ts';
import { makeTurns } from '../effects/system/turns.ts';

export type JobMessage<R = unknown> =
  | { readonly kind: 'progress'; readonly position: number }
  | { readonly kind: 'done'; readonly result: R }
  | { readonly kind: 'failed'; readonly message: string };

const THREAD = new URL('./work.ts', import.meta.url);
const turns = makeTurns(2);

/** Ends with `done` or `failed`. @throws the signal's reason when it is aborted while it queues */
export async function* run<K extends JobKind>(
  kind: K,
  asked: Jobs[K]['asked'],
  signal: AbortSignal,
): AsyncGenerator<JobMessage<Jobs[K]['result']>> {
  const leave = await turns.take(signal);
  const messages: JobMessage<Jobs[K]['result']>[] = [];
  let wake: () => void = () => undefined;
  const hear = (message: JobMessage<Jobs[K]['result']>): void => {
    messages.push(message);
    wake();
  };
  const worker = new Worker(THREAD, { workerData: { kind, asked } });
  worker.on('message', hear);
  worker.on('error', (error) => hear({ kind: 'failed', message: String(error) }));
  const abort = (): void => hear({ kind: 'failed', message: 'nobody waits for it any more' });
  signal.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      const message = messages.shift();
      if (message === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
        continue;
      }
      yield message;
      if (message.kind !== 'progress') return;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    await worker.terminate();
    leave();
  }
}

/** The result alone. @throws Error with what the job failed of */
export async function result<K extends JobKind>(
  kind: K,
  asked: Jobs[K]['asked'],
  signal: AbortSignal,
): Promise<Jobs[K]['result']> {
  for await (const message of run(kind, asked, signal)) {
    if (message.kind === 'done') return message.result;
    if (message.kind === 'failed') throw new Error(message.message);
  }
  throw new Error('the job ended without a result');
}
