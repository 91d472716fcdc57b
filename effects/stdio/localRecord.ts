/**
 * Records of the driver `local`: what the container wrote, byte for byte, in a frame that is read
 * from either end.
 *
 *     length  flags  time  attributes' length  attributes  line  length
 *     4       1      8     2                   n           m     4 bytes, big-endian
 *
 * `length` counts what is between the two. Flags: 0xa4 of stdout, 0xa5 of stderr. Time: nanoseconds
 * since 1970. Attributes: a JSON object, or nothing.
 */
import { parseTimestamp } from '../system/timestamp.ts';
import { type Bytes, bytesOf, type Piece } from './bytes.ts';
import { pieceBytes } from './jsonRecord.ts';
import { type LogPage, PageWriter } from './logPage.ts';
import { attributesOf, type RecordKind } from './logRecord.ts';
import { Sample } from './sample.ts';
import type { OutputName } from './stdcopy.ts';

export const lengthBytes = 4;
const fixedBytes = 11;
const mostAttributes = 0xffff;
/** No record is longer between its lengths. */
export const mostBytes = fixedBytes + mostAttributes + pieceBytes;

const flags = { stdout: 0xa4, stderr: 0xa5 } as const;

/**
 * The beginning of every record with this stream, these attributes and this time, without its
 * length.
 * @param attributes JSON, or `''`; what does not fit is left out.
 * @param time RFC 3339 text.
 */
export function localHead(stream: OutputName, attributes: string, time: string): Buffer {
  const extra = Buffer.from(attributes);
  const kept = extra.length > mostAttributes ? Buffer.alloc(0) : extra;
  const head = Buffer.alloc(fixedBytes);
  head.writeUInt8(flags[stream], 0);
  head.writeBigUInt64BE(parseTimestamp(time) ?? 0n, 1);
  head.writeUInt16BE(kept.length, 9);
  return Buffer.concat([head, kept]);
}

export const mostLocal = ({ from, to }: Piece, head: Buffer): number =>
  2 * lengthBytes + head.length + to - from;

/** Writes a record of at most `pieceBytes` bytes. @returns where it ends */
export function encodeLocal(
  { bytes, from, to }: Piece,
  head: Buffer,
  { buffer, view }: Bytes,
  at: number,
): number {
  const length = head.length + to - from;
  view.setUint32(at, length);
  buffer.set(head, at + lengthBytes);
  const line = at + lengthBytes + head.length;
  bytes.buffer.copy(buffer, line, from, to);
  view.setUint32(line + to - from, length);
  return line + to - from + lengthBytes;
}

/** @param head from the flags to the attributes; undefined: these are none */
function kindOf(head: Buffer): RecordKind | undefined {
  try {
    const text = head.toString('utf8', fixedBytes);
    const attributes = text === '' ? undefined : attributesOf(JSON.parse(text));
    const stream = head.readUInt8(0) === flags.stderr ? 'stderr' : 'stdout';
    const kind = { stream, timeNs: head.readBigUInt64BE(1) } as const;
    return attributes === undefined ? kind : { ...kind, attributes };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** How many bytes the record at `at` takes; 0: it is not whole yet; undefined: there is none. */
function recordBytes(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < lengthBytes) return 0;
  const length = bytes.readUInt32BE(at);
  if (length < fixedBytes || length > mostBytes) return undefined;
  const flag = bytes[at + lengthBytes] ?? flags.stdout;
  if (flag !== flags.stdout && flag !== flags.stderr) return undefined;
  if (bytes.length - at < lengthBytes + fixedBytes) return 0;
  if (bytes.readUInt16BE(at + lengthBytes + 9) > length - fixedBytes) return undefined;
  const end = at + lengthBytes + length;
  if (end + lengthBytes > bytes.length) return 0;
  return bytes.readUInt32BE(end) === length ? length + 2 * lengthBytes : undefined;
}

/** Bytes to records; what is damaged is passed over, what is not whole waits for its rest. */
export class LocalRecords {
  #rest: Buffer = Buffer.alloc(0);
  readonly #page = new PageWriter();
  /** Most records have the same one as the record before. */
  readonly #head = new Sample();
  #kind: RecordKind | undefined;

  push(block: Buffer): LogPage {
    const source = bytesOf(this.#rest.length === 0 ? block : Buffer.concat([this.#rest, block]));
    const { buffer } = source;
    this.#page.begin(buffer.length);
    let at = 0;
    for (;;) {
      const length = recordBytes(buffer, at);
      if (length === 0) break;
      if (length !== undefined) this.#take(source, at, at + length);
      at += length ?? 1;
    }
    this.#rest = Buffer.from(buffer.subarray(at));
    return this.#page.page();
  }

  forget(): void {
    this.#page.forget();
  }

  #take(source: Bytes, from: number, to: number): void {
    const { buffer } = source;
    const page = this.#page;
    const at = from + lengthBytes;
    const bytes = fixedBytes + buffer.readUInt16BE(at + fixedBytes - 2);
    if (this.#head.length !== bytes || !this.#head.isAt(source, at)) {
      this.#head.take(source, at, bytes);
      this.#kind = kindOf(buffer.subarray(at, at + bytes));
    }
    if (this.#kind === undefined) return;
    const line = buffer.copy(page.target.buffer, page.lineAt, at + bytes, to - lengthBytes);
    page.add(this.#kind, line);
  }
}
