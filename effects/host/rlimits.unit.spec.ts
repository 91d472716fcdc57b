/** Limits of the daemon's own, as its containers get them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inheritedLimits } from './rlimits.ts';

const TEXT = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max core file size        0                    unlimited            bytes
Max open files            20000                20000                files
Max nice priority         0                    0
`;

test('each has a name; of open files no more than what stood there before Node', () => {
  const most = 2n ** 64n - 1n;
  assert.deepEqual(inheritedLimits(TEXT), [
    { type: 'RLIMIT_CPU', soft: most, hard: most },
    { type: 'RLIMIT_CORE', soft: 0n, hard: most },
    { type: 'RLIMIT_NOFILE', soft: 1024n, hard: 20_000n },
    { type: 'RLIMIT_NICE', soft: 0n, hard: 0n },
  ]);
  const few = TEXT.replaceAll('20000', '500');
  assert.deepEqual(inheritedLimits(few)[2], { type: 'RLIMIT_NOFILE', soft: 500n, hard: 500n });
});

test('all that the kernel has are known', () => {
  assert.equal(inheritedLimits(readFileSync('/proc/self/limits', 'utf8')).length, 16);
});
