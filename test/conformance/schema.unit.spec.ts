import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviations, type Schema } from './schema.ts';

const document = {
  definitions: {
    Named: { type: 'object', required: ['Name'], properties: { Name: { type: 'string' } } },
    Sized: {
      allOf: [
        { $ref: '#/definitions/Named' },
        { type: 'object', properties: { Size: { type: 'integer', 'x-nullable': true } } },
      ],
    },
  },
} as const;
const sized: Schema = { $ref: '#/definitions/Sized' };
const said = (value: unknown, schema: Schema = sized) => deviations(value, schema, document);

test('what the schema says passes, through references and allOf', () => {
  assert.deepEqual(said({ Name: 'x', Size: 1 }), []);
  assert.deepEqual(said({ Name: 'x', Size: null }), []);
  assert.deepEqual(said([{ Name: 'x' }], { type: 'array', items: sized }), []);
});

test('a missing, a wrong, a null and an unknown member are each named', () => {
  assert.deepEqual(said({ Size: 1 }), ['$.Name is missing']);
  assert.deepEqual(said({ Name: 1 }), ['$.Name is integer, not string']);
  assert.deepEqual(said({ Name: null }), ['$.Name is null, not string']);
  assert.deepEqual(said({ Name: 'x', More: 1 }), ['$.More is not in the document']);
});

test('a value that is not in the enum is named', () => {
  assert.deepEqual(said('c', { type: 'string', enum: ['a', 'b'] }), [
    '$ is "c", not one of "a" "b"',
  ]);
});
