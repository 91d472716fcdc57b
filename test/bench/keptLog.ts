/** A long log for a bench: copied from where it is kept, or written. */
import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { nowNs } from '../../effects/system/clock.ts';
import type { BenchOptions } from './bench.ts';
import { writeLongLog } from './longLog.ts';

/** Containers that are there and do not run. */
export const STOPPED = 500;
const image = { id: `sha256:${'1'.repeat(64)}`, chainId: `sha256:${'2'.repeat(64)}` };

type Kept = Pick<BenchOptions, 'facts' | 'log'>;

/** Puts a log of that many facts at `path`, which must not exist. */
export async function longLogAt(path: string, { facts, log }: Kept): Promise<void> {
  if (log !== undefined && existsSync(log)) return copyFileSync(log, path);
  const target = log === undefined ? path : `${log}.partial`;
  const options = { path: target, facts, stopped: STOPPED, nowNs: nowNs(), image };
  const written = await writeLongLog(options);
  const rate = Math.round(written.facts / written.seconds);
  console.log(`wrote ${written.facts} facts: ${rate} a second, decisions and folds included`);
  if (log === undefined) return;
  renameSync(target, log);
  copyFileSync(log, path);
}
