/** Which strikes at a point are strikes of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameAs, VICTIMS } from './points.ts';

test('a strike is the same as that at those of its victims who are there', () => {
  const beside = ['daemon', 'containerd', 'stdio'] as const;
  assert.equal(sameAs(['daemon', 'shim'], beside, VICTIMS), 'daemon');
  assert.equal(sameAs(['shim'], beside, VICTIMS), 'nobody');
});

test('it is one of its own when all are there, or when nobody strikes at the rest alone', () => {
  const beside = ['daemon', 'containerd', 'stdio'] as const;
  assert.equal(sameAs(['daemon', 'stdio'], beside, VICTIMS), undefined);
  const everybody = ['daemon', 'containerd', 'stdio', 'shim'] as const;
  assert.equal(sameAs(everybody, beside, VICTIMS), undefined);
  assert.equal(sameAs(['daemon', 'shim'], beside, [['daemon', 'shim']]), undefined);
});
