/** What clients send may be compressed: it is told by its first bytes. */
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decompressor, peek } from '../images/compression.ts';
import { TarError } from '../tar/tarError.ts';

const UNKNOWN: readonly (readonly [string, Buffer])[] = [
  ['bzip2', Buffer.from('BZh')],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58])],
];

/** @throws TarError when it is damaged, or compressed in a way that is not known here */
export async function* uncompressed(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { compression, all } = await peek(Readable.from(input));
  const unpack = decompressor(compression);
  if (unpack === undefined) return yield* known(all);
  const out = new PassThrough();
  // What it fails of comes by way of `out`, too.
  pipeline(all, unpack, out).catch(() => undefined);
  try {
    yield* out;
  } catch (error) {
    throw asTarError(error);
  }
}

async function* known(all: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const chunk of all) {
    const name = first ? UNKNOWN.find(([, magic]) => startsWith(chunk, magic))?.[0] : undefined;
    if (name !== undefined) throw new TarError(`tars compressed with ${name} are not supported`);
    first = false;
    yield chunk;
  }
}

const startsWith = (chunk: Uint8Array, magic: Buffer): boolean =>
  magic.equals(chunk.subarray(0, magic.length));

/** zlib's codes begin with Z; all others are not about the bytes. The texts are Go's. */
function asTarError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return new TarError('unexpected EOF');
  return code.startsWith('Z') ? new TarError(`invalid compressed data: ${error.message}`) : error;
}
