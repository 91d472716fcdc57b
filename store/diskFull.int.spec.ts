/** A disk that is really full: a small tmpfs (needs root). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { appended, conflictOf, fact, openTestLog } from './log.fixture.ts';
import type { OpenedLog } from './log.ts';
import { verifyLog } from './verify.ts';

const MIB = 1024 * 1024;

function smallDisk(t: TestContext, mib: number): string {
  const directory = mkdtempSync(join(tmpdir(), 'shiplog-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'none', directory]);
  assert.equal(mounted.status, 0, String(mounted.stderr));
  t.after(() => {
    assert.equal(spawnSync('umount', [directory]).status, 0);
    rmdirSync(directory);
  });
  return directory;
}

const big = (stream: string) => fact(stream, 0, { data: 'x'.repeat(300_000) });

/** Fills the disk; returns how many appends were acknowledged and what the last one was told. */
async function fill(log: OpenedLog) {
  let written = 0;
  let last = await log.append([big('big/0')]);
  while (last.ok) {
    written += 1;
    last = await log.append([big(`big/${written}`)]);
    assert.ok(written < 100);
  }
  return { written, conflict: conflictOf(last) };
}

test('a full disk gives disk-full, the reserve makes room, and nothing is lost', async (t) => {
  const path = join(smallDisk(t, 10), 'log.db');
  const log = openTestLog(path);
  try {
    const { written, conflict } = await fill(log);
    assert.ok(written >= 2);
    assert.equal(conflict.kind, 'disk-full');
    assert.equal(log.head().position, written);
    assert.equal(log.releaseReserve(), true);
    appended(await log.append([big('after')]));
    assert.equal(log.head().position, written + 1);
    assert.equal(log.restoreReserve(), false);
    assert.equal(verifyLog(path).ok, true);
  } finally {
    log.close();
  }
});

test('a log opens on a disk that has no room for the reserve', async (t) => {
  const directory = smallDisk(t, 4);
  const log = openTestLog(join(directory, 'log.db'));
  appended(await log.append([fact('a', 0)]));
  assert.equal(log.releaseReserve(), false);
  log.close();
  const { bavail, bsize } = statfsSync(directory);
  assert.ok(bavail * bsize > 3 * MIB, 'a partial reserve was left behind');
});
