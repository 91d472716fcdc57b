/**
 * A daemon that stands still at a boundary of an effect (cli/failpoint.ts), from the side of the
 * one who armed it. It can be armed and disarmed at any time, without a restart.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isStopped, within } from './leftovers.ts';
import type { TemporaryDaemon } from './temporaryDaemon.ts';

export interface Failpoint {
  /** For the daemon, at each of its starts. */
  readonly env: Readonly<Record<string, string>>;
  /** @param point `<effect>:<before|after|appended>:<n>`, the n-th visit from now */
  arm(point: string): void;
  disarm(): void;
  /** Boundaries that were passed since the last `forget`. */
  visits(): readonly string[];
  forget(): void;
  remove(): void;
}

export function openFailpoint(): Failpoint {
  const dir = mkdtempSync(join(tmpdir(), 'shiplog-points-'));
  const armed = join(dir, 'armed');
  const visits = join(dir, 'visits');
  const forget = (): void => writeFileSync(visits, '');
  forget();
  return {
    env: { SHIPLOG_FAILPOINT: dir },
    arm: (point) => writeFileSync(armed, point),
    disarm: () => rmSync(armed, { force: true }),
    visits: () => readFileSync(visits, 'utf8').split('\n').filter(Boolean),
    forget,
    remove: () => rmSync(dir, { recursive: true }),
  };
}

/** Kills the daemon where `act` comes by the point, and starts the next one. */
export async function killedAt(
  daemon: TemporaryDaemon,
  failpoint: Failpoint,
  point: string,
  act: () => Promise<unknown>,
): Promise<void> {
  failpoint.arm(point);
  const acting = Promise.allSettled([act()]);
  const reached = await within(20_000, () => isStopped(daemon.pid()), 4);
  failpoint.disarm();
  assert.ok(reached, `${point} was not reached: ${failpoint.visits()}`);
  await daemon.kill9();
  await acting;
  await daemon.restart();
}
