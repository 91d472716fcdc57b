/**
 * shiplog beside a real dockerd: every row of rows.ts is asked of both. It needs a dockerd 20.10,
 * on the PATH or named by SHIPLOG_DOCKERD (an unpacked package will do); without one it is skipped,
 * and says so. It never touches an engine that runs already.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { compare } from './compare.ts';
import { type Dockerd, findDockerd, startDockerd } from './dockerd.ts';
import { Engine } from './engine.ts';
import { KNOWN_DIFFERENCES, type KnownDifference } from './knownDifferences.ts';
import { cases } from './options/cases.ts';
import { differences } from './options/compare.ts';
import { Subject } from './options/subject.ts';
import type { Row } from './rowKinds.ts';
import { ROWS } from './rows.ts';

/** A container of each kind, as inspect and the container itself have it. */
const SLICE = [
  'nothing',
  'memory + cpus',
  'cap add + user',
  'read-only root + IPC shareable',
  'PID host + domain name',
  'a device',
  'an absent device',
  'environment',
];

const binary = findDockerd();
const skip =
  binary === undefined
    ? 'NOT COMPARED WITH DOCKERD: none on the PATH and none named by SHIPLOG_DOCKERD'
    : false;
if (skip !== false) process.stderr.write(`${skip}\n`);

suite('shiplog answers as dockerd does', { skip }, () => {
  let ours: TemporaryDaemon | undefined;
  let theirs: Dockerd | undefined;
  const engines: { shiplog: Engine; dockerd: Engine }[] = [];
  const used = new Set<KnownDifference>();

  before(async () => {
    ours = await startTemporaryDaemon();
    theirs = await startDockerd(binary ?? '');
    const pair = { shiplog: new Engine(ours.socket), dockerd: new Engine(theirs.socket) };
    const { archive } = await buildBusyboxImage();
    await Promise.all([pair.shiplog.load(archive), pair.dockerd.load(archive)]);
    engines.push(pair);
  });

  after(async () => {
    for (const pair of engines) await Promise.all([pair.shiplog.clear(), pair.dockerd.clear()]);
    await theirs?.stop();
    await ours?.stop();
  });

  async function ask(row: Row): Promise<{ dockerd: string; shiplog: string }> {
    const [pair] = engines;
    assert.ok(pair);
    const [dockerd, shiplog] = await Promise.all([pair.dockerd.run(row), pair.shiplog.run(row)]);
    return { dockerd, shiplog };
  }

  for (const row of ROWS.filter(({ only }) => only === undefined)) {
    test(row.title, async () => {
      const answers = await ask(row);
      const verdict = compare(row.title, answers, KNOWN_DIFFERENCES);
      if (verdict.kind === 'known') used.add(verdict.rule);
      if (verdict.kind === 'different') assert.equal(answers.shiplog, answers.dockerd);
    });
  }

  test('a prefix of several ids', async () => {
    const [pair] = engines;
    assert.ok(pair);
    const [dockerd, shiplog] = await Promise.all([
      pair.dockerd.ambiguous(),
      pair.shiplog.ambiguous(),
    ]);
    const verdict = compare('a prefix of several ids', { dockerd, shiplog }, KNOWN_DIFFERENCES);
    if (verdict.kind === 'known') used.add(verdict.rule);
    assert.equal(shiplog, '400 multiple IDs found with provided prefix: X');
    assert.notEqual(verdict.kind, 'different', dockerd);
  });

  // All of them: npm run test:differential.
  for (const title of SLICE) {
    const one = cases(1, 0).find((each) => each.title === title);
    test(`the option: ${title}`, async () => {
      assert.ok(one && ours && theirs);
      const [dockerd, shiplog] = await Promise.all([
        new Subject(theirs.socket).tell(one),
        new Subject(ours.socket).tell(one),
      ]);
      assert.deepEqual(differences(dockerd, shiplog, new Set()), []);
    });
  }

  test('every known difference is still one', () => {
    const needless = KNOWN_DIFFERENCES.filter((one) => !used.has(one));
    assert.deepEqual(needless, []);
  });
});
