/**
 * Bytes of a json-file to records. Most lines hold nothing that is escaped but their newline, and
 * end like the line before: those are taken as they lie in the file, all others are read as JSON.
 */
import { type LogRecord, parseRecord } from './logRecord.ts';

const newline = 0x0a;
const quote = 0x22;
const backslash = 0x5c;
const letterN = 0x6e;
const begin = Buffer.from('{"log":"');

/** What a line ends with after its text, and what that says. */
interface Ending {
  readonly bytes: Buffer;
  readonly record: LogRecord;
}

/** Bytes to records by their lines; a line that is not whole yet waits for its rest. */
export class WholeLines {
  #rest: Buffer[] = [];
  #ending: Ending | undefined;

  push(block: Buffer): readonly LogRecord[] {
    const end = block.lastIndexOf(newline);
    if (end === -1) {
      this.#rest.push(block);
      return [];
    }
    const whole = Buffer.concat([...this.#rest, block.subarray(0, end + 1)]);
    this.#rest = end + 1 < block.length ? [block.subarray(end + 1)] : [];
    const records: LogRecord[] = [];
    for (let at = 0; at < whole.length; ) {
      const stop = whole.indexOf(newline, at);
      const record = this.#plain(whole, at, stop) ?? this.#parsed(whole, at, stop);
      if (record !== undefined) records.push(record);
      at = stop + 1;
    }
    return records;
  }

  /** Undefined: it has to be parsed. What is given out lies in `block`, which is changed. */
  #plain(block: Buffer, start: number, end: number): LogRecord | undefined {
    if (this.#ending === undefined || !isAt(block, start, end, begin)) return undefined;
    const { bytes, record } = this.#ending;
    const from = start + begin.length;
    const to = plainEnd(block, from, end);
    const isLine = block[to] === backslash && block[to + 1] === letterN;
    const rest = isLine ? to + 2 : to;
    if (end - rest !== bytes.length || !isAt(block, rest, end, bytes)) return undefined;
    if (isLine) block[to] = newline;
    return { ...record, line: block.subarray(from, isLine ? to + 1 : to) };
  }

  #parsed(block: Buffer, start: number, end: number): LogRecord | undefined {
    const record = parseRecord(block.toString('utf8', start, end));
    if (record !== undefined && isAt(block, start, end, begin)) {
      const at = endingAt(block, start + begin.length, end);
      // Copied: otherwise the whole block would stay.
      if (at !== undefined) this.#ending = { bytes: Buffer.from(block.subarray(at, end)), record };
    }
    return record;
  }
}

function isAt(block: Buffer, start: number, end: number, bytes: Buffer): boolean {
  const stop = start + bytes.length;
  return stop <= end && block.compare(bytes, 0, bytes.length, start, stop) === 0;
}

/** Where the first byte stands that is not itself: an escape, the closing quote, or no JSON. */
function plainEnd(block: Buffer, from: number, end: number): number {
  let at = from;
  for (; at < end; at += 1) {
    const byte = block[at] ?? 0;
    if (byte === quote || byte === backslash || byte < 0x20) break;
  }
  return at;
}

/** Where the text's closing quote stands. */
function endingAt(block: Buffer, from: number, end: number): number | undefined {
  for (let at = from; at < end; at += 1) {
    if (block[at] === backslash) at += 1;
    else if (block[at] === quote) return at;
  }
  return undefined;
}
