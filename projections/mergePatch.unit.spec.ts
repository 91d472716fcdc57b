import assert from 'node:assert/strict';
import { test } from 'node:test';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import type { JsonValue } from '../machines/words.ts';
import { mergePatch } from './mergePatch.ts';

const { document } = fc.letrec<{ document: JsonValue }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, 17, 'x', [1, null]),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'Labels'), tie('document'), {
      noNullPrototype: true,
    }),
  ),
}));

test('a merge patch does what json_patch of SQLite does', () => {
  const db = new Sqlite(':memory:');
  const patched = db.prepare<[string, string], string>('SELECT json_patch(?, ?)').pluck();
  fc.assert(
    fc.property(document, document, (target, patch) => {
      const expected = patched.get(JSON.stringify(target), JSON.stringify(patch)) ?? assert.fail();
      assert.deepEqual(mergePatch(target, patch), JSON.parse(expected));
    }),
  );
  db.close();
});

test('a name that objects have of themselves is a name as any other', () => {
  const patch = JSON.parse('{"__proto__": "x", "constructor": null}');
  const merged = mergePatch({ a: 'b' }, patch);
  assert.equal(JSON.stringify(merged), '{"a":"b","__proto__":"x"}');
});
