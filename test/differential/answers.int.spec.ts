/**
 * What shiplog answers to every row, held against answers.txt. differential.int.spec.ts asks the
 * same of a dockerd. SHIPLOG_WRITE_ANSWERS=1 writes the file anew, to be read before it is kept.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { breaches } from '../../api/testing/contract.ts';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { ANSWERS, print, readAnswers, titled } from './answers.ts';
import { Engine } from './engine.ts';
import { ROWS } from './rows.ts';

const writes = process.env['SHIPLOG_WRITE_ANSWERS'] === '1';

suite('every request is answered as answers.txt says', () => {
  const expected = writes ? new Map<string, string>() : readAnswers();
  const said = new Map<string, string>();
  const engines: Engine[] = [];
  let daemon: TemporaryDaemon | undefined;

  before(async () => {
    daemon = await startTemporaryDaemon();
    const engine = new Engine(daemon.socket, breaches);
    await engine.load((await buildBusyboxImage()).archive);
    engines.push(engine);
  });

  after(async () => {
    for (const engine of engines) await engine.clear();
    await daemon?.stop();
    if (writes) writeFileSync(ANSWERS, print(said));
  });

  const rows = titled(ROWS);
  for (const [title, row] of rows)
    test(title, async () => {
      const [engine] = engines;
      assert.ok(engine);
      const full = await engine.run(row);
      const answer = row.hostOnly === true ? full.slice(0, 3) : full;
      said.set(title, answer);
      assert.deepEqual(engine.breaches.splice(0), []);
      if (!writes) assert.equal(answer, expected.get(title));
    });

  test('the file has no answer without a row', { skip: writes }, () => {
    assert.deepEqual(
      [...expected.keys()].filter((title) => !rows.has(title)),
      [],
    );
  });
});
