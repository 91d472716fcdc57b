/** Small vocabularies: signals, times, versions, flags, filters, names, detach keys. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signalNumber } from '../machines/signals.ts';
import { checkedName, generatedName } from './containers/names.ts';
import { ADJECTIVES, SURNAMES } from './containers/names.words.ts';
import { detachFilter, detachKeys } from './detachKeys.ts';
import { filters, pattern } from './filters.ts';
import { flag } from './parameters.ts';
import { durationWords, rfc3339, rfc3339Fixed, timestamp } from './time.ts';
import { before, checkVersion } from './versions.ts';

const query = (text: string) => new URLSearchParams(text);
const seconds = (count: number) => BigInt(count) * 1_000_000_000n;

test('signals are known by number and by name in any case', () => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ['9', 9],
    ['+9', 9],
    ['KILL', 9],
    ['sigterm', 15],
    ['SIGUSR1', 10],
    ['CLD', 17],
    ['RTMIN', 34],
    ['RTMIN+3', 37],
    ['SIGRTMAX-2', 62],
    ['64', 64],
    ['65', undefined],
    ['0', undefined],
    ['BOGUS', undefined],
    ['', undefined],
  ];
  for (const [given, number] of rows) assert.equal(signalNumber(given), number, given);
});

test('times lose the zeros at their end, log times keep them', () => {
  assert.equal(rfc3339(1_700_000_000_120_000_000n), '2023-11-14T22:13:20.12Z');
  assert.equal(rfc3339(1_700_000_000_000_000_000n), '2023-11-14T22:13:20Z');
  assert.equal(rfc3339(1n), '1970-01-01T00:00:00.000000001Z');
  assert.equal(rfc3339(null), '0001-01-01T00:00:00Z');
  assert.equal(rfc3339Fixed(1_500_000_000n), '1970-01-01T00:00:01.500000000Z');
});

test('durations are worded as docker ps words them', () => {
  const rows: readonly (readonly [number, string])[] = [
    [0, 'Less than a second'],
    [1, '1 second'],
    [59, '59 seconds'],
    [60, 'About a minute'],
    [125, '2 minutes'],
    [3599, '59 minutes'],
    [3600, 'About an hour'],
    [3600 * 47, '47 hours'],
    [3600 * 48, '2 days'],
    [86400 * 14, '2 weeks'],
    [86400 * 60, '2 months'],
    [86400 * 800, '2 years'],
  ];
  for (const [given, words] of rows) assert.equal(durationWords(seconds(given)), words);
});

test('a timestamp fills its fraction on the right', () => {
  assert.equal(timestamp(query('since=5.5'), 'since'), 5_500_000_000n);
  assert.equal(timestamp(query('since=5'), 'since'), 5_000_000_000n);
  assert.equal(timestamp(query(''), 'since'), null);
  assert.throws(() => timestamp(query('since=1h'), 'since'), /invalid value for "since"/);
});

test('versions compare as numbers, not as text', () => {
  assert.equal(before('1.9', '1.24'), true);
  assert.equal(before('1.55', '1.55'), false);
  assert.equal(checkVersion(undefined), '1.55');
  assert.throws(() => checkVersion('1.56'), /too new/);
});

test('a flag is yes for everything but the words for no', () => {
  for (const word of ['', '0', 'no', 'False', ' none '])
    assert.equal(flag(query(`a=${word}`), 'a'), false);
  for (const word of ['1', 'True', 'yes', 'x']) assert.equal(flag(query(`a=${word}`), 'a'), true);
  assert.equal(flag(query(''), 'a', true), true);
});

test('both shapes of filters mean the same, and labels must all hold', () => {
  for (const text of ['{"label":{"a=b":true,"c":true}}', '{"label":["a=b","c"]}']) {
    const given = filters(query(`filters=${encodeURIComponent(text)}`));
    assert.equal(given.labels('label', { a: 'b', c: '' }), true);
    assert.equal(given.labels('label', { a: 'b' }), false);
  }
  assert.throws(() => filters(query('filters=[]')), /invalid filter/);
  assert.throws(() => filters(query('filters={"a":1}')), /invalid filter/);
});

test('a pattern that could run for ever is refused', () => {
  assert.throws(() => pattern('name', '(a+)+$'), /nested repetition/);
  assert.equal(pattern('name', 'we.')('a-web'), true);
});

test('generated names are adjective and surname, and Wozniak is never boring', () => {
  for (const word of [...ADJECTIVES, ...SURNAMES]) assert.match(word, /^[a-z]+$/);
  assert.equal(new Set(ADJECTIVES).size, ADJECTIVES.length);
  assert.equal(new Set(SURNAMES).size, SURNAMES.length);
  const boring = ADJECTIVES.indexOf('boring');
  const wozniak = SURNAMES.indexOf('wozniak');
  const numbers = [boring, wozniak, 0, 0];
  const ambient = {
    nowNs: () => 0n,
    randomHex: (bytes: number) => (numbers.shift() ?? 0).toString(16).padStart(bytes * 2, '0'),
  };
  assert.equal(generatedName(ambient, 0), `${ADJECTIVES[0]}_${SURNAMES[0]}`);
  assert.throws(() => checkedName('a b', 'create'), /Invalid container name \(a b\)/);
  assert.equal(checkedName('/web.1', 'create'), 'web.1');
});

test('detach keys are read as docker writes them', () => {
  assert.deepEqual(detachKeys(''), [16, 17]);
  assert.deepEqual(detachKeys('a,ctrl-@,ctrl-[,DEL'), [97, 0, 27, 127]);
  assert.throws(() => detachKeys('ctrl-'), /Invalid detach keys \(ctrl-\) provided/);
});

test('a broken sequence is passed on, even where the next one begins in it', async () => {
  let left = 0;
  const filter = detachFilter([16, 17], () => {
    left += 1;
  });
  filter.end(Buffer.from([1, 16, 16, 2, 16, 17, 3]));
  assert.deepEqual([...Buffer.concat(await filter.toArray())], [1, 16, 16, 2]);
  assert.equal(left, 1);
});
