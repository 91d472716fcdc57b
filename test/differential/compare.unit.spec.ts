import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './compare.ts';

const rule = { reason: 'test', rows: /start/, dockerd: /^500 (\w+)/, shiplog: '400 bad $1' };

test('the case of letters is no difference', () => {
  const answers = { dockerd: '409 Container is there', shiplog: '409 container is there' };
  assert.equal(compare('start', answers, []).kind, 'equal');
});

test('a rule explains its own answer in its own rows alone', () => {
  const answers = { dockerd: '500 thing', shiplog: '400 bad thing' };
  assert.equal(compare('start', answers, [rule]).kind, 'known');
  assert.equal(compare('stop', answers, [rule]).kind, 'different');
  assert.equal(compare('start', { ...answers, shiplog: '400 x' }, [rule]).kind, 'different');
});
