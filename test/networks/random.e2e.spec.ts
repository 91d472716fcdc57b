/**
 * A short slice of the random operations on networks (play.ts), by a seed that is another one each
 * time (SHIPLOG_SEED for a certain one) and is printed. `npm run networks` plays 500.
 */
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { finish, startLoadedDaemon } from '../support/loadedDaemon.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { play } from './play.ts';

const SEED = Number(process.env['SHIPLOG_SEED'] ?? randomInt(1_000_000));
const OPERATIONS = 40;
const WITHIN_MS = 12_000;

let daemon: TemporaryDaemon;
before(async () => {
  daemon = await startLoadedDaemon({ readyMs: 120_000 });
});
after(() => finish(daemon));

test(`random operations on networks, seed ${SEED}`, { timeout: 240_000 }, async (context) => {
  const say = (line: string): void => context.diagnostic(line);
  const options = { seed: SEED, operations: OPERATIONS, withinMs: WITHIN_MS, alone: false, say };
  const played = await play(daemon, options);
  context.diagnostic(`${played} operations`);
});
