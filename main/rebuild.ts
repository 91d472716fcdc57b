/**
 * Read models folded anew while the daemon works: beside, in a thread. Rows that differ are then
 * put right here, a few in each turn of the event loop, until a further comparison finds none.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Rebuilt, Working } from '../api/native/ports.ts';
import type { RequestInfo } from '../api/ports.ts';
import type { Jobs } from '../cli/replay/jobs.ts';
import { sleep } from '../effects/system/clock.ts';
import { randomHex } from '../effects/system/ids.ts';
import { makeTurns } from '../effects/system/turns.ts';
import { type Daemon, logPath } from './daemon.ts';
import { run } from './jobs.ts';

/** What its files in the data root begin with. */
export const REBUILD_PREFIX = 'rebuild-';

/** The second finds nothing, unless somebody goes on changing rows by hand. */
const MOST_ROUNDS = 5;

const turns = makeTurns(1);

type Found = Jobs['rebuild']['result'];

async function* compared(
  path: string,
  target: string,
  signal: AbortSignal,
): AsyncGenerator<Working<Rebuilt>, Found | undefined> {
  for await (const said of run('rebuild', { path, target }, signal)) {
    if (said.kind === 'done') return said.result;
    yield said;
  }
  return undefined;
}

async function putRight(
  { log }: Daemon,
  target: string,
  { position }: Found,
  signal: AbortSignal,
): Promise<void> {
  for (const _ of log.repair(target, position)) {
    signal.throwIfAborted();
    await sleep(0, signal);
  }
}

/** Ends with `done` or `failed`. What was put right before the signal stays. */
export async function* rebuild(
  daemon: Daemon,
  { caller }: RequestInfo,
  signal: AbortSignal,
): AsyncGenerator<Working<Rebuilt>> {
  const leave = await turns.take(signal);
  let before: Found | undefined;
  const target = join(daemon.options.dataRoot, `${REBUILD_PREFIX}${randomHex(8)}.db`);
  try {
    for (let round = 1; round <= MOST_ROUNDS; round += 1) {
      const found = yield* compared(logPath(daemon), target, signal);
      if (found === undefined) return;
      before ??= found;
      if (found.rows === 0) {
        const { rows, first } = before;
        const result = { facts: found.position, rows, first };
        daemon.journal.info({ ...result, caller }, 'read models were folded anew');
        return yield { kind: 'done', result };
      }
      await putRight(daemon, target, found, signal);
      rmSync(target, { force: true });
    }
    yield { kind: 'failed', message: 'read models are changed by somebody else meanwhile' };
  } catch (error) {
    yield { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(target, { force: true });
    leave();
  }
}
