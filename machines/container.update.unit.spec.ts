/** An update of resources: kept at once, or only after the control group took it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateConflict } from './container.update.ts';
import { hostConfig } from './samples.fixture.ts';
import type { JsonObject } from './words.ts';

const conflict = (stored: JsonObject, resources: JsonObject) =>
  updateConflict({ hostConfig: { ...hostConfig, ...stored } }, { resources });

test('a memory limit above the stored one of memory and swap needs a new one of both', () => {
  assert.equal(conflict({}, { Memory: 8e6 }), 'swap');
  assert.equal(conflict({ MemorySwap: -1 }, { Memory: 8e6 }), 'swap');
  assert.equal(conflict({ MemorySwap: 9e6 }, { Memory: 8e6 }), undefined);
  assert.equal(conflict({}, { Memory: 8e6, MemorySwap: -1 }), undefined);
});

test('the two ways to limit processors exclude each other over time, too', () => {
  assert.equal(conflict({ CpuPeriod: 1000 }, { NanoCpus: 1 }), 'nano-period');
  assert.equal(conflict({ CpuQuota: 1000 }, { NanoCpus: 1 }), 'nano-quota');
  assert.equal(conflict({ NanoCpus: 1 }, { CpuPeriod: 1000 }), 'period-nano');
  assert.equal(conflict({ NanoCpus: 1 }, { CpuQuota: 1000 }), 'quota-nano');
  assert.equal(conflict({ NanoCpus: 1 }, { NanoCpus: 2 }), undefined);
});
