/** The thread in which one long job over the log is done (main/jobs.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { work } from '../cli/replay/jobs.ts';
import { monotonicMs } from '../effects/system/clock.ts';
import type { JobMessage } from './jobs.ts';

/** Whoever looks at how far it is does not look more often. */
const TELL_MS = 200;

const say = (message: JobMessage): void => parentPort?.postMessage(message);

try {
  const steps = work(workerData.kind, workerData.asked);
  let toldMs = monotonicMs();
  for (;;) {
    const step = steps.next();
    if (step.done === true) {
      say({ kind: 'done', result: step.value });
      break;
    }
    if (monotonicMs() - toldMs < TELL_MS) continue;
    toldMs = monotonicMs();
    say({ kind: 'progress', position: step.value });
  }
} catch (error) {
  say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}
