/** Drafts become rows: what each of them closes on the agenda. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Family } from '../machines/decision.ts';
import type { Fact } from '../machines/words.ts';
import { type FoldInput, foldDrafts } from './fold.ts';

/** A stream that ends with the fact `over`. */
const family: Family = {
  name: 'sample',
  keyOf: (stream) => stream,
  keyOfCommand: () => 'sample',
  kindOf: () => ({
    name: 'sample',
    revision: 1,
    fold: (_, { type }) => ({
      state: { value: type, context: {} },
      effects: [],
      final: type === 'over',
    }),
  }),
  decide: () => ({ kind: 'nothing' }),
  claimRefused: () => ({ kind: 'deadline', command: '' }),
  settles: () => undefined,
  endsThings: () => false,
  subject: () => ({}),
};

const OPEN = [
  { id: '1.0', key: 'task.kill' },
  { id: '2.0', key: 'task.resume' },
];

function folded(...facts: readonly Fact[]) {
  const input: FoldInput = {
    family,
    drafts: facts.map((fact) => ({ stream: 'sample/1', fact })),
    current: () => undefined,
    openRows: (_, wanted) =>
      OPEN.filter(({ key }) => wanted === null || key === wanted).map(({ id }) => id),
    answered: '2.0',
    cause: {},
    caller: null,
  };
  return foldDrafts(input).rows.map(({ answers }) => answers);
}

it('closes the row that is answered, and no other, while the stream goes on', () => {
  assert.deepEqual(folded({ type: 'went-on', data: {} }), [['2.0']]);
});

it('leaves nothing open for a stream that can take no more facts', () => {
  const answers = folded({ type: 'went-on', data: {} }, { type: 'over', data: {} });
  assert.deepEqual(answers, [['2.0'], ['1.0']]);
});
