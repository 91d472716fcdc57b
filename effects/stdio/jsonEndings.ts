/**
 * What a line of a json-file ends with after its text: stream, attributes and time. Known are those
 * that are byte for byte what Docker writes: a line that is JSON and ends so says just that.
 */

import { type Bytes, bytesOf } from './bytes.ts';
import { encodeAttributes, recordTail } from './jsonRecord.ts';
import { JsonTime } from './jsonTime.ts';
import type { RecordKind } from './logRecord.ts';
import { Sample } from './sample.ts';

const close = Buffer.from('"}\n');
/** Two streams, and those of a container whose attributes were changed. */
const mostKnown = 4;

/** An ending but for its time. */
interface Known {
  readonly head: Buffer;
  readonly headSample: Sample;
  /** The whole of the one that was met last. */
  readonly last: Sample;
  kind: RecordKind;
}

export class JsonEndings {
  /** Of the one found, newline included. */
  length = 0;
  readonly #time = new JsonTime();
  #known: readonly Known[] = [];

  /** What the ending there says; undefined: it is not known. */
  at(source: Bytes, from: number): RecordKind | undefined {
    for (const { last, kind } of this.#known) {
      if (!last.isAt(source, from)) continue;
      this.length = last.length;
      return kind;
    }
    for (const known of this.#known) {
      if (known.headSample.isAt(source, from)) return this.#dated(known, source, from);
    }
    return undefined;
  }

  #dated(known: Known, source: Bytes, from: number): RecordKind | undefined {
    const timeNs = this.#time.at(source, from + known.head.length);
    if (timeNs === undefined || !isClosed(source.buffer, this.#time.end)) return undefined;
    this.length = this.#time.end + close.length - from;
    known.last.take(source, from, this.length);
    known.kind = { ...known.kind, timeNs };
    return known.kind;
  }

  /** How Docker writes the end of such a record is known from then on. */
  learn({ stream, timeNs, attributes = {} }: RecordKind): void {
    const text = encodeAttributes(attributes);
    const tail = recordTail(stream, text, '');
    const head = tail.subarray(0, tail.length - close.length);
    if (this.#known.some((known) => known.head.equals(head))) return;
    const headSample = new Sample();
    headSample.take(bytesOf(head), 0, head.length);
    const kind = { stream, timeNs, ...(text === '' ? {} : { attributes }) };
    const known = { head, headSample, last: new Sample(), kind };
    this.#known = [known, ...this.#known].slice(0, mostKnown);
  }
}

function isClosed(buffer: Buffer, at: number): boolean {
  return close.every((byte, n) => buffer[at + n] === byte);
}
