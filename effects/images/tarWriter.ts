/**
 * Writes a tar entry by entry, as it is read: nothing of a file is kept. Names up to 100 bytes,
 * any size, owner root, time 0: the same content gives the same bytes (POSIX ustar).
 */
const BLOCK = 512;
/** Where each field of the header begins. */
const AT = { name: 0, mode: 100, uid: 108, gid: 116, size: 124, mtime: 136, sum: 148, type: 156 };
/** The largest size that eleven octal digits hold; beyond it the field is binary. */
const OCTAL_MAX = 8 ** 11 - 1;

export interface TarFile {
  readonly name: string;
  /** Bytes; `chunks` must give exactly as many. */
  readonly size: number;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Throws when a file gives other than as many bytes as it said: that is no archive then. */
export async function* tarOf(
  directories: readonly string[],
  files: AsyncIterable<TarFile> | Iterable<TarFile>,
): AsyncGenerator<Buffer> {
  for (const name of directories) yield header(`${name}/`, 0, true);
  for await (const { name, size, chunks } of files) {
    yield header(name, size, false);
    let written = 0;
    for await (const chunk of chunks) {
      written += chunk.length;
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    }
    if (written !== size) throw new Error(`${name}: ${written} bytes instead of ${size}`);
    yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function header(name: string, size: number, directory: boolean): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name}: too long for a tar`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, AT.name);
  const octal = (value: number, at: number, digits: number): void => {
    block.write(`${value.toString(8).padStart(digits, '0')}\0`, at);
  };
  octal(directory ? 0o755 : 0o644, AT.mode, 7);
  octal(0, AT.uid, 7);
  octal(0, AT.gid, 7);
  octal(0, AT.mtime, 11);
  if (size <= OCTAL_MAX) octal(size, AT.size, 11);
  else {
    block[AT.size] = 0x80;
    block.writeBigUInt64BE(BigInt(size), AT.size + 4);
  }
  block.write(directory ? '5' : '0', AT.type);
  block.write('ustar\x0000', AT.type + 101);
  // The sum is made with its own field full of blanks.
  block.write(' '.repeat(8), AT.sum);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, AT.sum);
  return block;
}
