/** What is written is read back by another reader of tars, and sizes hold beyond eleven digits. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { extract } from 'tar-stream';
import { type TarFile, tarOf } from './tarWriter.ts';

async function read(archive: Buffer): Promise<readonly string[]> {
  const reader = extract();
  Readable.from([archive]).pipe(reader);
  const found: string[] = [];
  for await (const entry of reader as AsyncIterable<
    AsyncIterable<Buffer> & { header: { name: string; type: string; size: number } }
  >) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk);
    found.push(`${entry.header.type} ${entry.header.name} ${Buffer.concat(chunks)}`);
  }
  return found;
}

const file = (name: string, text: string): TarFile => {
  return { name, size: text.length, chunks: [Buffer.from(text)] };
};

test('any number of files of any length come back', async () => {
  const texts = ['', 'x', 'y'.repeat(511), 'z'.repeat(512), 'w'.repeat(513)];
  const files = texts.map((text, index) => file(`blobs/${index}`, text));
  const archive = await buffer(tarOf(['blobs'], files));
  assert.equal(archive.length % 512, 0);
  const expected = texts.map((text, index) => `file blobs/${index} ${text}`);
  assert.deepEqual(await read(archive), ['directory blobs/ ', ...expected]);
});

test('a file that gives other than it said ends the archive with an error', async () => {
  const wrong = { ...file('a', 'abc'), size: 4 };
  await assert.rejects(buffer(tarOf([], [wrong])), /a: 3 bytes instead of 4/);
});

test('a size of more than 8 GiB is written in binary', async () => {
  const size = 9 * 1024 ** 3;
  const [header] = await Array.fromAsync(takeOne(tarOf([], [{ name: 'big', size, chunks: [] }])));
  assert.equal(header?.[124], 0x80);
  assert.equal(header?.readBigUInt64BE(128), BigInt(size));
});

async function* takeOne(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    return;
  }
}

test('a name that does not fit is refused', async () => {
  await assert.rejects(buffer(tarOf([], [file('n'.repeat(101), '')])), /too long/);
});
