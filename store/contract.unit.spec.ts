/**
 * The contract of the log, on every storage: what an append checks and writes (versions, finals,
 * claims, agenda, secrets, time), and what it returns. faults.unit.spec.ts has what holds when the
 * storage fails.
 */
import assert from 'node:assert/strict';
import { appended, conflictOf, everywhere, fact, START_NS } from './log.fixture.ts';
import { secretDigest } from './secrets.ts';

everywhere('an empty log has head 0 and 64 zeros', (fresh) => {
  const log = fresh();
  assert.deepEqual(log.head(), { position: 0, hash: '0'.repeat(64) });
  assert.equal(log.positionAt(START_NS), 0);
  assert.deepEqual(log.read(0), []);
});

everywhere('an append returns exactly the facts that are read back', async (fresh) => {
  const log = fresh();
  const facts = appended(
    await log.append([
      fact('container/a', 0, { data: { text: 'é\u2028 "', list: [1, 2.5, null, true] } }),
      fact('task/a/1', 0, { take: [{ kind: 'name', key: 'a' }] }),
      fact('container/a', 1),
    ]),
  );
  assert.deepEqual(
    facts.map(({ position, stream, version }) => [position, stream, version]),
    [
      [1, 'container/a', 1],
      [2, 'task/a/1', 1],
      [3, 'container/a', 2],
    ],
  );
  assert.deepEqual(log.readStream('container/a'), [facts[0], facts[2]]);
  assert.deepEqual(log.readStream('container/a', 1), [facts[2]]);
  assert.deepEqual(log.head(), { position: 3, hash: facts[2]?.hash });
  const read = () => [log.read(0, 3), log.read(1, 1)];
  assert.deepEqual(read(), [facts, facts.slice(1, 2)]);
  // Those of the newest commit are at hand (newest.ts); these are out of the database.
  appended(await log.append([fact('container/b', 0)]));
  assert.deepEqual(read(), [facts, facts.slice(1, 2)]);
});

everywhere(
  'a stream that must not exist but does is a conflict, and nothing is written',
  async (fresh) => {
    const log = fresh();
    appended(await log.append([fact('container/a', 0)]));
    const result = await log.append([fact('container/b', 0), fact('container/a', 0)]);
    assert.deepEqual(conflictOf(result), {
      kind: 'version',
      stream: 'container/a',
      expected: 0,
      actual: 1,
    });
    assert.equal(log.state('container/b'), undefined);
    assert.equal(log.head().position, 1);
  },
);

everywhere('a stream that must exist but does not is a version conflict', async (fresh) => {
  const log = fresh();
  const conflict = conflictOf(await log.append([fact('container/a', 3)]));
  assert.deepEqual(conflict, { kind: 'version', stream: 'container/a', expected: 3, actual: 0 });
});

everywhere('a final stream takes no more facts and says so', async (fresh) => {
  const log = fresh();
  appended(await log.append([fact('container/a', 0, { final: true })]));
  const conflict = conflictOf(await log.append([fact('container/a', 1)]));
  assert.equal(conflict.kind, 'failed');
  assert.match(JSON.stringify(conflict), /container\/a is final at version 1/);
});

everywhere('the state of a stream is that of its newest fact', async (fresh) => {
  const log = fresh();
  appended(await log.append([fact('container/a', 0), fact('container/b', 0, { final: true })]));
  appended(
    await log.append([fact('container/a', 1, { state: { on: 'x' }, contextText: '{"k":[1]}' })]),
  );
  assert.deepEqual(log.state('container/a'), {
    stream: 'container/a',
    version: 2,
    position: 3,
    value: { on: 'x' },
    context: { k: [1] },
    digest: 'd1',
    revision: 1,
    final: false,
  });
  assert.deepEqual(
    log.states('container/').map(({ stream }) => stream),
    ['container/a'],
  );
  assert.equal(log.states('container/', true).length, 2);
  assert.equal(log.states('task/', true).length, 0);
});

everywhere(
  'times strictly increase under a clock that stands still or goes back',
  async (fresh) => {
    const times = [5n, 5n, 3n, 9n];
    const log = fresh({ clock: { nowNs: () => times.shift() ?? 0n } });
    // The first reading is for the creation time of the log.
    for (const version of [0, 1, 2, 3]) appended(await log.append([fact('daemon', version)]));
    assert.deepEqual(
      log.read(0).map(({ atNs }) => atNs),
      [5n, 6n, 9n, 10n],
    );
    assert.deepEqual(
      [4n, 5n, 8n, 9n, 10n, 11n].map((ns) => log.positionAt(ns)),
      [0, 1, 2, 3, 4, 4],
    );
  },
);

everywhere(
  'a claim that another stream holds refuses the append and names the holder',
  async (fresh) => {
    const log = fresh();
    const claim = { kind: 'name', key: 'web' };
    appended(await log.append([fact('container/a', 0, { take: [claim] })]));
    const conflict = conflictOf(await log.append([fact('container/b', 0, { take: [claim] })]));
    assert.deepEqual(conflict, { kind: 'claim', claim, holder: 'container/a' });
    assert.equal(log.holder(claim), 'container/a');
    assert.equal(log.holder({ kind: 'port', key: 'web' }), undefined);
  },
);

everywhere('a claim that is pending in the same turn is a conflict, too', async (fresh) => {
  const log = fresh();
  const claim = { kind: 'name', key: 'web' };
  const results = await Promise.all([
    log.append([fact('container/a', 0, { take: [claim] })]),
    log.append([fact('container/b', 0, { take: [claim] })]),
    log.append([fact('container/c', 0)]),
  ]);
  assert.deepEqual(
    results.map(({ ok }) => ok),
    [true, false, true],
  );
  assert.equal(log.head().position, 2);
});

everywhere(
  'a key freed by one fact can be taken by a later fact of the same append',
  async (fresh) => {
    const log = fresh();
    const claim = { kind: 'name', key: 'web' };
    appended(await log.append([fact('container/a', 0, { take: [claim] })]));
    appended(
      await log.append([
        fact('container/a', 1, { free: [claim] }),
        fact('container/b', 0, { take: [claim] }),
      ]),
    );
    assert.equal(log.holder(claim), 'container/b');
  },
);

everywhere(
  'a claim freed by a stream that does not hold it stays, one taken again stays',
  async (fresh) => {
    const log = fresh();
    const claim = { kind: 'name', key: 'web' };
    appended(await log.append([fact('container/a', 0, { take: [claim] })]));
    appended(await log.append([fact('container/b', 0, { free: [claim] })]));
    assert.equal(log.holder(claim), 'container/a');
    appended(await log.append([fact('container/a', 1, { take: [claim] })]));
    assert.equal(log.holder(claim), 'container/a');
  },
);

everywhere('effects open agenda rows by position and index, answers close them', async (fresh) => {
  const log = fresh();
  const effects = [
    { type: 'task.create', params: { run: 1 } },
    { type: 'cancel', params: { key: 'stop' } },
    { type: 'timer', params: { key: 'stop', ms: 10 }, key: 'stop', ms: 10 },
  ];
  appended(await log.append([fact('daemon', 0), fact('container/a', 0, { effects })]));
  const openedNs = START_NS + 1n;
  const timer = {
    id: '2.2',
    stream: 'container/a',
    type: 'timer',
    params: { key: 'stop', ms: 10 },
    key: 'stop',
    openedNs,
    ms: 10,
    dueNs: openedNs + 10_000_000n,
  };
  assert.deepEqual(log.agenda(), [
    {
      id: '2.0',
      stream: 'container/a',
      type: 'task.create',
      params: { run: 1 },
      key: null,
      openedNs,
      ms: null,
      dueNs: null,
    },
    timer,
  ]);
  appended(await log.append([fact('container/a', 1, { answers: ['2.0'] })]));
  assert.deepEqual(log.agendaOf('container/a'), [timer]);
  assert.deepEqual(log.agendaOf('daemon'), []);
});

for (const id of ['1.0', '1.1', '9.0', 'x', '01.0', '']) {
  everywhere(
    `answering ${JSON.stringify(id)}, which is not open, is an agenda conflict`,
    async (fresh) => {
      const log = fresh();
      appended(await log.append([fact('a', 0, { effects: [{ type: 'work', params: {} }] })]));
      appended(await log.append([fact('a', 1, { answers: ['1.0'] })]));
      const conflict = conflictOf(await log.append([fact('a', 2, { answers: [id] })]));
      assert.deepEqual(conflict, { kind: 'agenda', id });
    },
  );
}

everywhere('a secret is revealed by digest until it is erased', async (fresh) => {
  const log = fresh();
  const secret = { salt: '00ff', value: 'pässword', digest: secretDigest('00ff', 'pässword') };
  appended(await log.append([fact('a', 0, { data: { env: secret.digest } })], [secret]));
  appended(await log.append([fact('b', 0)], [secret]));
  assert.deepEqual([...log.reveal([secret.digest, 'ab'])], [[secret.digest, secret.value]]);
  assert.equal(log.eraseSecrets([secret.digest, 'ab']), 1);
  assert.equal(log.reveal([secret.digest]).size, 0);
});

everywhere('a secret is forgotten with the fact that says so', async (fresh) => {
  const log = fresh();
  const secret = { salt: '00ff', value: 'pässword', digest: secretDigest('00ff', 'pässword') };
  appended(await log.append([fact('a', 0)], [secret]));
  appended(await log.append([fact('a', 1, { erase: [secret.digest] })]));
  assert.equal(log.reveal([secret.digest]).size, 0);
});

everywhere('a secret whose digest is not its own is refused with its facts', async (fresh) => {
  const log = fresh();
  const result = await log.append([fact('a', 0)], [{ digest: 'ab', salt: '00', value: 'v' }]);
  assert.equal(conflictOf(result).kind, 'failed');
  assert.equal(log.head().position, 0);
});

everywhere('what cannot be stored as it is fails alone', async (fresh) => {
  const log = fresh();
  const bad = [
    fact('a\ud800', 0),
    fact('', 0),
    fact('a', 0, { take: [{ kind: 'name', key: 'a\0b' }] }),
    fact('a', 0, { effects: [{ type: 'timer', params: {}, ms: 1.5 }] }),
    fact('a', 0.5),
    fact('a', -1),
  ];
  const results = await Promise.all([
    ...bad.map((one) => log.append([one])),
    log.append([fact('good', 0)]),
  ]);
  assert.deepEqual(
    results.map((result) => (result.ok ? 'ok' : result.conflict.kind)),
    [...bad.map(() => 'failed'), 'ok'],
  );
  assert.deepEqual(
    log.read(0).map(({ stream }) => stream),
    ['good'],
  );
});
