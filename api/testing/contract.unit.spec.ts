import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breaches } from './contract.ts';

const list = { method: 'GET', path: '/v1.50/containers/json?all=1' };
const contentType = 'application/json';

test('a body that is not what the document says breaks the contract, in words', () => {
  const answered = { status: 201, contentType, body: '{"Id":1,"More":true}' };
  assert.deepEqual(breaches({ method: 'POST', path: '/containers/create' }, answered), [
    '$.Warnings is missing',
    '$.Id is integer, not string',
    '$.More is not in the document',
  ]);
});

test('so does a status that the document does not name for the route', () => {
  const answered = { status: 418, contentType, body: '' };
  assert.deepEqual(breaches(list, answered), ['GET /containers/json: no 418']);
});

test('what keeps it passes', () => {
  assert.deepEqual(breaches(list, { status: 200, contentType, body: '[]\n' }), []);
  assert.deepEqual(breaches(list, { status: 400, contentType, body: '{"message":"x"}\n' }), []);
});
