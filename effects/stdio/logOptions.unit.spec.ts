import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logLimits } from './logOptions.ts';

test('json-file has one file without a bound unless it is told otherwise', () => {
  assert.deepEqual(logLimits('json-file', {}), {
    maxBytes: undefined,
    maxFiles: 1,
    compress: false,
  });
  const options = { 'max-size': '10m', 'max-file': '3', compress: 't' };
  assert.deepEqual(logLimits('json-file', options), {
    maxBytes: 10_000_000,
    maxFiles: 3,
    compress: true,
  });
});

test('local keeps five compressed files of 20 MB', () => {
  const limits = { maxBytes: 20_000_000, maxFiles: 5, compress: true };
  assert.deepEqual(logLimits('local', {}), limits);
  assert.deepEqual(logLimits('local', { 'max-file': '1', compress: 'false' }), {
    ...limits,
    maxFiles: 1,
    compress: false,
  });
});

test('units are decimal whatever they are called', () => {
  const bytes = (size: string) => logLimits('json-file', { 'max-size': size }).maxBytes;
  const sizes = ['1500', '1.5k', '10 k', '10KiB', '10kb', '1G'];
  assert.deepEqual(sizes.map(bytes), [1500, 1500, 10_000, 10_000, 10_000, 1_000_000_000]);
});

for (const [driver, options, text] of [
  ['json-file', { 'max-size': '0' }, 'max-size must be a positive number'],
  ['json-file', { 'max-size': '-1' }, "invalid size: '-1'"],
  ['json-file', { 'max-size': '' }, "invalid size: ''"],
  ['json-file', { 'max-file': '0' }, 'max-file cannot be less than 1'],
  ['json-file', { 'max-file': '1.5' }, 'strconv.Atoi: parsing "1.5": invalid syntax'],
  ['json-file', { compress: 'x' }, 'strconv.ParseBool: parsing "x": invalid syntax'],
  [
    'json-file',
    { compress: 'true', 'max-size': '1k' },
    'compress cannot be true when max-file is less than 2 or max-size is not set',
  ],
  ['local', { 'max-size': 'x' }, "invalid value for max-size: x: invalid size: 'x'"],
  [
    'local',
    { 'max-file': 'x' },
    'invalid value for max-file: x: strconv.Atoi: parsing "x": invalid syntax',
  ],
  ['local', { 'max-file': '1' }, 'compression cannot be enabled when max file count is 1'],
  [
    'local',
    { compress: 'x' },
    'error reading compress log option: strconv.ParseBool: parsing "x": invalid syntax',
  ],
] as const) {
  test(`${driver} refuses ${JSON.stringify(options)} in docker's words`, () => {
    assert.throws(() => logLimits(driver, options), { message: text });
  });
}
