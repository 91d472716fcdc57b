import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, monotonicMs, nowNs, sleep } from './clock.ts';
import { containerId, randomHex } from './ids.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

test('the wall clock is near Date.now, finer than a millisecond and never goes back', () => {
  const wall = BigInt(Date.now()) * 1_000_000n;
  const first = nowNs();
  assert.ok(first - wall < 20_000_000n && first - wall > -3_000_000n, String(first - wall));
  let before = first;
  let fine = false;
  for (let i = 0; i < 1000; i += 1) {
    const now = nowNs();
    assert.ok(now >= before);
    if (now % 1_000_000n !== 0n) fine = true;
    before = now;
  }
  assert.ok(fine);
});

test('the wall clock stands still when it is set back', (t) => {
  const before = nowNs();
  t.mock.method(Date, 'now', () => Number(before / 1_000_000n) - 60_000);
  assert.ok(nowNs() >= before);
});

test('a sleep takes its time and is cut short by its signal', async () => {
  const start = monotonicMs();
  await sleep(20);
  assert.ok(monotonicMs() - start >= 19);
  const abort = new AbortController();
  const long = sleep(60_000, abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(long, /enough/);
  await assert.rejects(sleep(1, AbortSignal.abort(new Error('at once'))), /at once/);
});

test('a timer longer than setTimeout can take waits in pieces', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let monotonic = 0;
  t.mock.method(performance, 'now', () => monotonic);
  const forward = (ms: number): void => {
    monotonic += ms;
    t.mock.timers.tick(ms);
  };
  let fired = 0;
  after(2 ** 31 + 1000, () => {
    fired += 1;
  });
  forward(2 ** 31 - 1);
  assert.equal(fired, 0);
  forward(1001);
  assert.equal(fired, 1);
});

test('a cancelled timer does not fire', async () => {
  let fired = false;
  after(5, () => {
    fired = true;
  })();
  await sleep(20);
  assert.equal(fired, false);
});

test('ids are hexadecimal and no short id is a number', () => {
  assert.match(randomHex(5), /^[0-9a-f]{10}$/);
  for (let i = 0; i < 2000; i += 1) {
    const id = containerId();
    assert.match(id, /^[0-9a-f]{64}$/);
    assert.doesNotMatch(id.slice(0, 12), /^\d+$/);
  }
});

test('timestamps keep nanoseconds and drop trailing zeros', () => {
  const second = 1_704_164_645_000_000_000n;
  assert.equal(formatTimestamp(second), '2024-01-02T03:04:05Z');
  assert.equal(formatTimestamp(second + 123_456_789n), '2024-01-02T03:04:05.123456789Z');
  assert.equal(formatTimestamp(second + 120_000_000n), '2024-01-02T03:04:05.12Z');
  assert.equal(formatTimestamp(second + 1n), '2024-01-02T03:04:05.000000001Z');
  for (const ns of [second, second + 1n, second + 120_000_000n]) {
    assert.equal(parseTimestamp(formatTimestamp(ns)), ns);
  }
  assert.equal(parseTimestamp('2024-01-02T05:04:05.5+02:00'), second + 500_000_000n);
  for (const [text, ns] of [
    ['2024-01-02T03:04:05.7Z', second + 700_000_000n],
    ['2024-01-02T03:04:05.000000001Z', second + 1n],
    ['2024-01-02T03:04:05Z', second],
    ['2024-01-02T03:04:05.1-01:00', second + 3_600_100_000_000n],
    ['2024-01-02T03:04:05.x', undefined],
  ] as const) {
    assert.equal(parseTimestamp(text), ns, text);
  }
  assert.equal(parseTimestamp('yesterday'), undefined);
});
