/**
 * Appends for ever, eight at a time, and prints each stream's name once its append is acknowledged.
 */
import { once } from 'node:events';
import { appended, countingProjection, fact, openTestLog } from './log.fixture.ts';

const log = openTestLog(process.argv[2] ?? '', { projections: [countingProjection()] });

async function appendForEver(worker: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    const stream = `worker/${worker}/${count}`;
    appended(await log.append([fact(stream, 0), fact(stream, 1)]));
    // Whoever reads may be slower: then it is waited for.
    if (!process.stdout.write(`${stream}\n`)) await once(process.stdout, 'drain');
    if (count % 20 === 0) log.checkpoint();
  }
}

await Promise.all(Array.from({ length: 8 }, (_, worker) => appendForEver(worker)));
