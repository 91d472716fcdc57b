/**
 * What a killed stdio process had read and not yet written is lost: the log says where, and nothing
 * else is lost. A process that is shut down loses nothing, and a run that had ended has no gap.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gapText } from './containerLog.ts';
import { recordsOf } from './logPage.fixture.ts';
import { readLogs } from './logs.ts';
import {
  all,
  connectAgain,
  dir,
  listOf,
  parameters,
  records,
  stdio,
  until,
  writer,
} from './stdio.fixture.ts';

const log = () => fs.readFileSync(parameters().logPath, 'utf8');
const pidOf = async (): Promise<number> => (await stdio.ping()).pid ?? 0;

async function killAndReturn(): Promise<void> {
  const before = await pidOf();
  process.kill(before, 'SIGKILL');
  await until(async () => (await pidOf()) !== before);
}

test('the place is marked on stderr, with an attribute that no container can write', async () => {
  const paths = await stdio.open(parameters({ logAttributes: { tag: 'mine' } }));
  writer(paths, `echo one; until [ -e '${join(dir, 'go')}' ]; do sleep 0.01; done; echo two`);
  await until(() => log().includes('one'));
  await killAndReturn();
  fs.writeFileSync(join(dir, 'go'), '');
  assert.equal(await stdio.awaitEnd('c1', 1, 5_000), true);
  assert.deepEqual(
    records().map(({ stream, line }) => [stream, String(line)]),
    [
      ['stdout', 'one\n'],
      ['stderr', `${gapText}\n`],
      ['stdout', 'two\n'],
    ],
  );
  const [, marked = ''] = log().split('\n');
  const attributes = { 'shiplog.gap': 'the stdio process was killed', tag: 'mine' };
  assert.deepEqual(JSON.parse(marked).attrs, attributes);
});

test('on a terminal it is a line of its own in the one stream there is', async () => {
  const paths = await stdio.open(parameters({ tty: true }));
  writer(paths, 'printf half; sleep 60');
  await until(async () => (await stdio.list())[0]?.ended === false);
  await killAndReturn();
  await until(() => log() !== '');
  assert.deepEqual(
    records().map(({ stream, line }) => [stream, String(line)]),
    [['stdout', `\r\n${gapText}\r\n`]],
  );
});

test('there is none after an orderly end, and none when all output had ended', async () => {
  const paths = await stdio.open(parameters());
  writer(paths, 'echo all; sleep 0.3');
  await until(() => log().includes('all'));
  await stdio.shutdown();
  await connectAgain();
  assert.equal(await stdio.awaitEnd('c1', 1, 5_000), true);
  await killAndReturn();
  await killAndReturn();
  assert.equal((await stdio.list())[0]?.ended, true);
  assert.deepEqual(
    records().map(({ line }) => String(line)),
    ['all\n'],
  );
});

test('half a record that a killed process has left is ended, and passed over', async () => {
  const paths = await stdio.open(parameters());
  writer(paths, `echo one; until [ -e '${join(dir, 'go')}' ]; do sleep 0.01; done; echo two`);
  await until(() => log().includes('one'));
  const before = await pidOf();
  process.kill(before, 'SIGSTOP');
  fs.appendFileSync(parameters().logPath, '{"log":"cut o');
  process.kill(before, 'SIGKILL');
  await until(async () => (await pidOf()) !== before);
  fs.writeFileSync(join(dir, 'go'), '');
  assert.equal(await stdio.awaitEnd('c1', 1, 5_000), true);
  const options = { ...all, follow: false, sinceNs: null, untilNs: null, tail: null };
  const path = parameters().logPath;
  const read = await listOf(readLogs({ path, driver: 'json-file', options, watch: undefined }));
  assert.deepEqual(
    read.flatMap(recordsOf).map(({ line }) => String(line)),
    ['one\n', `${gapText}\n`, 'two\n'],
  );
});

test('a writer is held up, not killed, while nobody reads; nothing of that is lost', async () => {
  const lines = 40_000;
  const paths = await stdio.open(parameters());
  const go = join(dir, 'go');
  const said = join(dir, 'said');
  const script = `until [ -e '${go}' ]; do sleep 0.01; done; seq ${lines}; echo $? > '${said}'`;
  writer(paths, `(${script})`);
  await until(async () => (await stdio.list())[0]?.ended === false);
  const before = await pidOf();
  process.kill(before, 'SIGKILL');
  fs.writeFileSync(go, '');
  await until(async () => (await pidOf()) !== before);
  assert.equal(await stdio.awaitEnd('c1', 1, 10_000), true);
  assert.equal(fs.readFileSync(said, 'utf8'), '0\n');
  const numbers = records().filter(({ stream }) => stream === 'stdout');
  assert.equal(numbers.length, lines);
});
