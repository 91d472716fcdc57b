import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mountFlags } from './mountFlags.ts';
import { shortenOverlay } from './overlayOptions.ts';

test('words become flags, the last one wins, the rest is data', () => {
  assert.deepEqual(mountFlags(['ro', 'nosuid', 'rbind', 'rprivate']), {
    flags: 1 | 2 | 4096 | 16384,
    propagation: (1 << 18) | 16384,
    data: '',
  });
  assert.deepEqual(mountFlags(['ro', 'rw', 'index=off', 'lowerdir=/a:/b', '', 'constructor']), {
    flags: 0,
    propagation: 0,
    data: 'index=off,lowerdir=/a:/b,constructor',
  });
});

test('overlay options are shortened only when they do not fit in a page', () => {
  const short = 'lowerdir=/s/1/fs:/s/2/fs,upperdir=/s/3/fs';
  assert.deepEqual(shortenOverlay(short), { directory: undefined, data: short });
  const lower = Array.from({ length: 110 }, (_, i) => `/var/lib/a/long/place/snapshots/${i}/fs`);
  const long = shortenOverlay(`index=off,upperdir=/s/u,lowerdir=${lower.join(':')}`);
  assert.equal(long.directory, '/var/lib/a/long/place/snapshots/');
  assert.ok(long.data.startsWith('index=off,upperdir=/s/u,lowerdir=0/fs:1/fs:2/fs'));
});

test('overlay options without a common directory stay as they are', () => {
  const lower = Array.from({ length: 200 }, (_, i) => `/place${i}/with/a/rather/long/name/fs`);
  const data = `lowerdir=${lower.join(':')}`;
  assert.deepEqual(shortenOverlay(data), { directory: undefined, data });
});
