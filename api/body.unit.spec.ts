import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { jsonBody } from './body.ts';

const headers = { 'content-type': 'application/json' };

for (const [what, text, name, label] of [
  ['half a character', '{"Name":"a\\ud800b","Labels":{"\\uDC00":"\\ud83d"}}', 'a�b', '�'],
  ['a whole one', '{"Name":"\\ud83d\\ude00","Labels":{"k":"�"}}', '😀', 'k'],
  ['what only looks like an escape', '{"Name":"\\\\ud800","Labels":{"k":"�"}}', '\\ud800', 'k'],
] as const)
  test(`${what} in a body is read as Go reads it`, async () => {
    const body = Readable.from([Buffer.from(text)]);
    const { value } = await jsonBody('VolumeCreateRequest', { headers, body });
    assert.deepEqual([value?.Name, value?.Labels], [name, { [label]: '�' }]);
  });
