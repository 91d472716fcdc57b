/**
 * Random appends, good and bad, in random turns: the log verifies, and a model says the same of it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countingProjection, fact, openTestLog, temporaryLog } from './log.fixture.ts';
import type { AppendResult, ClaimKey, Json, NewFact } from './types.ts';
import { verifyLog } from './verify.ts';

/** Any JSON: fast-check's own type has `undefined` in it, its values do not. */
const json = fc.json().map((text): Json => JSON.parse(text));
const streams = fc.nat(11).map((n) => `container/${n}`);
const claims: fc.Arbitrary<ClaimKey[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('name', 'port'),
    key: fc.constantFrom('1', '2', '3', '4', '5', '6', 'ü "'),
  }),
  { maxLength: 2 },
);
const asked = fc.array(
  fc.oneof(
    fc.record({ type: fc.constantFrom('work', 'cancel'), params: json }),
    fc.record({
      type: fc.constant('timer'),
      params: fc.constant(null),
      key: fc.constantFrom('k', 'l'),
      ms: fc.nat(100_000),
    }),
  ),
  { maxLength: 3 },
);

/** The first value, once in twenty the second. */
function rarely<T>(usual: T, rare: T): fc.Arbitrary<T> {
  return fc.nat(19).map((n) => (n === 7 ? rare : usual));
}

/** A fact whose stream is right; its version is off by `late`, mostly 0. */
const wish = fc.record({
  stream: streams,
  late: rarely(0, 1),
  take: claims,
  free: claims,
  effects: asked,
  answer: fc.constantFrom('none', 'first', 'last'),
  answerNothing: rarely(false, true),
  data: json,
  state: json,
  final: rarely(false, true),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;
/** Turns, each of appends, each of facts. */
const turns = fc.array(
  fc.array(fc.array(wish, { minLength: 1, maxLength: 3 }), { maxLength: 5, size: 'max' }),
  { minLength: 1, maxLength: 12, size: 'max' },
);

interface Model {
  readonly versions: ReadonlyMap<string, number>;
  readonly finals: ReadonlySet<string>;
  readonly holders: ReadonlyMap<string, string>;
  readonly open: ReadonlySet<string>;
  readonly position: number;
}

const EMPTY: Model = {
  versions: new Map(),
  finals: new Set(),
  holders: new Map(),
  open: new Set(),
  position: 0,
};

/** What one fact makes of the model, or the kind of conflict. Written from the contract alone. */
function step(model: Model, one: NewFact): Model | string {
  if ((model.versions.get(one.stream) ?? 0) !== one.expect) return 'version';
  if (model.finals.has(one.stream)) return 'failed';
  const position = model.position + 1;
  const holders = new Map(model.holders);
  for (const { kind, key } of one.free) {
    if (holders.get(`${kind} ${key}`) === one.stream) holders.delete(`${kind} ${key}`);
  }
  for (const { kind, key } of one.take) {
    const holder = holders.get(`${kind} ${key}`) ?? one.stream;
    if (holder !== one.stream) return 'claim';
    holders.set(`${kind} ${key}`, one.stream);
  }
  const open = new Set(model.open);
  for (const id of one.answers) if (!open.delete(id)) return 'agenda';
  for (const [index, { type }] of one.effects.entries()) {
    if (type !== 'cancel') open.add(`${position}.${index}`);
  }
  const versions = new Map(model.versions).set(one.stream, one.expect + 1);
  const finals = new Set([...model.finals, ...(one.final ? [one.stream] : [])]);
  return { versions, finals, holders, open, position };
}

/** An open row, which is then taken from `open`; rarely one that is not open. */
function pickAnswers(one: Wish, open: string[]): string[] {
  if (one.answerNothing) return ['999.0'];
  const id = one.answer === 'first' ? open.shift() : one.answer === 'last' ? open.pop() : undefined;
  return id === undefined ? [] : [id];
}

/** The facts that a list of wishes asks for on top of the model, as an actor would decide them. */
function decide(model: Model, wishes: readonly Wish[]): NewFact[] {
  const versions = new Map(model.versions);
  const open = [...model.open];
  return wishes.map((one) => {
    const { stream, late, take, free, effects, data, state, final } = one;
    const version = versions.get(stream) ?? 0;
    versions.set(stream, version + 1);
    const answers = pickAnswers(one, open);
    const more = { answers, take, free, effects, data, state, final };
    return fact(stream, version + late, more);
  });
}

function appendTo(model: Model, facts: readonly NewFact[]): Model | string {
  return facts.reduce<Model | string>(
    (state, one) => (typeof state === 'string' ? state : step(state, one)),
    model,
  );
}

function kindOf(result: AppendResult): string {
  return result.ok ? 'ok' : result.conflict.kind;
}

test('random appends: results, tables and chain are what the contract says', async (t) => {
  const reached = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(turns, async (plan) => {
      const path = temporaryLog(t);
      const log = openTestLog(path, { projections: [countingProjection()] });
      let model = EMPTY;
      for (const turn of plan) {
        const expected: string[] = [];
        const results: Promise<AppendResult>[] = [];
        for (const wishes of turn) {
          const facts = decide(model, wishes);
          const next = appendTo(model, facts);
          expected.push(typeof next === 'string' ? next : 'ok');
          if (typeof next !== 'string') model = next;
          results.push(log.append(facts));
        }
        const kinds = (await Promise.all(results)).map(kindOf);
        assert.deepEqual(kinds, expected);
        for (const kind of kinds) reached.set(kind, (reached.get(kind) ?? 0) + 1);
      }
      assert.equal(log.head().position, model.position);
      assert.deepEqual(new Set(log.agenda().map(({ id }) => id)), model.open);
      for (const [key, holder] of model.holders) {
        const [kind = '', ...rest] = key.split(' ');
        assert.equal(log.holder({ kind, key: rest.join(' ') }), holder);
      }
      for (const state of log.states('', true)) {
        assert.equal(state.version, model.versions.get(state.stream));
        assert.equal(state.final, model.finals.has(state.stream));
      }
      const dump = 'SELECT * FROM p_counts';
      const live = log.reader.prepare(dump).all();
      log.close();
      const checked = verifyLog(path);
      assert.equal(checked.ok, true, JSON.stringify(checked));
      const rebuilt = openTestLog(path, { projections: [countingProjection(2)] });
      assert.deepEqual(rebuilt.reader.prepare(dump).all(), live);
      rebuilt.close();
    }),
    { numRuns: 40 },
  );
  // The generators must reach every outcome, or this test proves little.
  for (const kind of ['ok', 'version', 'claim', 'agenda', 'failed']) {
    assert.ok(reached.has(kind), `${kind}: ${JSON.stringify([...reached])}`);
  }
});
