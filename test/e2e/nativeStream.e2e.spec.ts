/**
 * A subscriber that is killed again and again while containers run and the daemon is killed: what
 * it has written down in the end holds each position exactly once. The numbers are small here;
 * SHIPLOG_STREAM=<subscriber kills>,<runs>,<daemon kills> asks for more.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../cli/client/index.ts';
import { finish, startLoadedDaemon } from '../support/loadedDaemon.ts';
import { ROOT } from '../tidy/project.ts';

const [KILLS = 6, RUNS = 12, DAEMON_KILLS = 1] = (process.env['SHIPLOG_STREAM'] ?? '')
  .split(',')
  .filter((text) => text !== '')
  .map(Number);

const daemon = await startLoadedDaemon();
after(() => finish(daemon));
const client = createClient(`unix://${daemon.socket}`);
const written = join(daemon.dir, 'subscriber.ndjson');

/** What the subscriber has kept. */
function kept(): readonly { readonly kind: string; readonly position: number }[] {
  return readFileSync(written, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind === 'fact');
}

/** As a careful subscriber does when it comes back: half a line was not kept. */
function cutHalfLine(): void {
  const bytes = readFileSync(written);
  truncateSync(written, bytes.lastIndexOf('\n') + 1);
}

/** A process that follows from behind the last position it has kept. */
function subscribe(): ChildProcess {
  cutHalfLine();
  const file = openSync(written, 'a');
  const from = (kept().at(-1)?.position ?? 0) + 1;
  const args = ['events', '--follow', '--from', String(from), '--format', 'json'];
  const env = { ...process.env, DOCKER_HOST: `unix://${daemon.socket}` };
  const program = [join(ROOT, 'cli/shiplog.ts'), ...args];
  const child = spawn(process.execPath, program, { stdio: ['ignore', file, 'ignore'], env });
  closeSync(file);
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Runs until it has run, whatever becomes of the daemon meanwhile. */
async function runs(count: number): Promise<void> {
  for (let ran = 0; ran < count; ) {
    const { code } = await daemon.docker('run', '--rm', 'busybox', 'true');
    if (code === 0) ran += 1;
    else await sleep(100);
  }
}

async function upTo(head: number): Promise<void> {
  for (const end = Date.now() + 60_000; (kept().at(-1)?.position ?? 0) < head; ) {
    assert.ok(Date.now() < end, `the subscriber is at ${kept().at(-1)?.position}, not at ${head}`);
    await sleep(50);
  }
}

test('each position exactly once, however often subscriber and daemon are killed', async () => {
  closeSync(openSync(written, 'a'));
  let over = false;
  const work = Promise.all([runs(Math.ceil(RUNS / 2)), runs(Math.floor(RUNS / 2))]).then(() => {
    over = true;
  });
  const everyKill = Math.floor(KILLS / (DAEMON_KILLS + 1)) + 1;
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const child = subscribe();
    await sleep(200 + Math.random() * (over ? 200 : 800));
    if (kill % everyKill === 0) {
      await daemon.kill9();
      assert.ok(await daemon.boot());
    }
    await killed(child);
  }
  await work;
  const last = subscribe();
  const { position } = await client.status();
  await upTo(position);
  await killed(last);
  const positions = kept().map((fact) => fact.position);
  assert.ok(positions.length >= position);
  assert.deepEqual(
    positions,
    positions.map((_, index) => index + 1),
  );
});
