/**
 * A writer that is killed at any moment: every append that it was told of is in the log, and no
 * half one.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { appended, countingProjection, fact, openTestLog, temporaryLog } from './log.fixture.ts';
import { verifyLog } from './verify.ts';

const writer = fileURLToPath(new URL('./crashWriter.fixture.ts', import.meta.url));

/**
 * Runs the writer, kills it when it has acknowledged `count` appends; returns what it acknowledged.
 */
async function killAfter(path: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = text(child.stderr);
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const { exitCode, signalCode } = child;
  assert.equal(signalCode, 'SIGKILL', `it ended by itself, ${exitCode}: ${await said}`);
  return acknowledged;
}

for (const count of [1, 40, 333]) {
  test(`killed after ${count} acknowledged appends, the log has them all`, async (t) => {
    const path = temporaryLog(t);
    const acknowledged = await killAfter(path, count);
    assert.ok(acknowledged.length >= count);
    const log = openTestLog(path, { projections: [countingProjection()] });
    const streams = new Map(log.states('', true).map(({ stream, version }) => [stream, version]));
    for (const stream of acknowledged) assert.equal(streams.get(stream), 2, stream);
    // Each append has two facts of one stream: none is there by half.
    for (const [stream, version] of streams) assert.equal(version, 2, stream);
    const counts = 'SELECT facts FROM p_counts';
    assert.equal(log.reader.prepare(counts).pluck().get(), log.head().position);
    appended(await log.append([fact('after', 0)]));
    log.close();
    assert.equal(verifyLog(path).ok, true);
  });
}
