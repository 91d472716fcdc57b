/** Tells by their first bytes how an archive or a layer is compressed, and undoes it. */
import { createReadStream } from 'node:fs';
import type { Readable, Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

export type Compression = 'none' | 'gzip' | 'zstd';

const magics: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
];
const longestMagic = 4;

export function compressionOf(head: Uint8Array): Compression {
  const found = magics.find(([, magic]) => magic.equals(head.subarray(0, magic.length)));
  return found?.[0] ?? 'none';
}

/** @returns undefined when there is nothing to undo. */
export function decompressor(compression: Compression): Transform | undefined {
  if (compression === 'gzip') return createGunzip();
  if (compression === 'zstd') return createZstdDecompress();
  return undefined;
}

/** Looks at the first bytes of a stream; `all` gives them again, and the rest. */
export async function peek(
  source: Readable,
): Promise<{ compression: Compression; all: AsyncIterable<Uint8Array> }> {
  const chunks: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < longestMagic) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  return { compression: compressionOf(head), all: rejoin(head, chunks) };
}

async function* rejoin(head: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

export async function compressionOfFile(path: string): Promise<Compression> {
  for await (const chunk of createReadStream(path, { end: longestMagic - 1 })) {
    return compressionOf(chunk);
  }
  return 'none';
}
