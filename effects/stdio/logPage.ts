/**
 * Records of a log on their way to whoever asked for it: many in one buffer, each as a frame of
 * stdcopy, so that none of them costs an object. Those in a row that differ in their line alone are
 * one span.
 */
import { giveBlock, takeBlock } from './blocks.ts';
import { bytesOf } from './bytes.ts';
import type { RecordKind } from './logRecord.ts';
import { stdcopyStreams } from './stdcopy.ts';

export const frameHeader = 8;

export interface LogSpan extends RecordKind {
  readonly records: number;
  /** Of its frames, headers included. */
  readonly bytes: number;
}

export interface LogPage {
  /** Lines as the container wrote them, with their newline if they had one. */
  readonly frames: Buffer;
  readonly spans: readonly LogSpan[];
}

type Growing = { -readonly [K in keyof LogSpan]: LogSpan[K] };

const nothing = bytesOf(Buffer.alloc(0));

/**
 * Writes pages, one after the other in the same place. A line is put at `lineAt` first, and then
 * `add`ed: who finds meanwhile that it is none just leaves it there.
 */
export class PageWriter {
  target = nothing;
  /** Where the next record's line begins. */
  lineAt = frameHeader;
  #spans: Growing[] = [];
  #kind: RecordKind | undefined;

  /** @param bytes room for so many, and the header of one more frame */
  begin(bytes: number): void {
    this.forget();
    this.lineAt = frameHeader;
    this.#spans = [];
    this.#kind = undefined;
    this.target = takeBlock(frameHeader + bytes);
  }

  /** What was given out is no longer needed. */
  forget(): void {
    giveBlock(this.target);
    this.target = nothing;
  }

  /** Makes room for a line of so many bytes. */
  reserve(bytes: number): void {
    const { buffer } = this.target;
    if (this.lineAt + bytes <= buffer.length) return;
    const larger = takeBlock(2 * (this.lineAt + bytes));
    buffer.copy(larger.buffer, 0, 0, this.lineAt);
    this.forget();
    this.target = larger;
  }

  /**
   * The line that lies at `lineAt` is a record.
   * @param kind the same object for all records of a span
   */
  add(kind: RecordKind, bytes: number): void {
    const { view } = this.target;
    view.setUint32(this.lineAt - frameHeader, stdcopyStreams[kind.stream] << 24);
    view.setUint32(this.lineAt - frameHeader + 4, bytes);
    this.lineAt += bytes + frameHeader;
    const span = this.#spans.at(-1);
    if (span === undefined || kind !== this.#kind) {
      this.#kind = kind;
      this.#spans.push({ ...kind, records: 1, bytes: frameHeader + bytes });
    } else {
      span.records += 1;
      span.bytes += frameHeader + bytes;
    }
  }

  /** What was written; valid until the next one begins, or is forgotten. */
  page(): LogPage {
    const frames = this.target.buffer.subarray(0, this.lineAt - frameHeader);
    return { frames, spans: this.#spans };
  }
}

export const recordsIn = ({ spans }: LogPage): number =>
  spans.reduce((sum, { records }) => sum + records, 0);

/** Only those spans. The page's buffer is used for it. */
export function spansOf(page: LogPage, wanted: (span: LogSpan) => boolean): LogPage {
  const spans: LogSpan[] = [];
  let from = 0;
  let to = 0;
  for (const span of page.spans) {
    if (wanted(span)) {
      if (from > to) page.frames.copyWithin(to, from, from + span.bytes);
      to += span.bytes;
      spans.push(span);
    }
    from += span.bytes;
  }
  return to === from ? page : { frames: page.frames.subarray(0, to), spans };
}

/** What is left without so many records at its beginning. */
export function withoutFirst({ frames, spans }: LogPage, records: number): LogPage {
  const left: LogSpan[] = [];
  let missing = records;
  let dropped = 0;
  for (const span of spans) {
    const passed = Math.min(missing, span.records);
    missing -= passed;
    const bytes = passed === span.records ? span.bytes : framesBytes(frames, dropped, passed);
    dropped += bytes;
    if (passed === span.records) continue;
    left.push({ ...span, records: span.records - passed, bytes: span.bytes - bytes });
  }
  return { frames: frames.subarray(dropped), spans: left };
}

/** Of so many frames, from the one that begins at `from` on. */
function framesBytes(frames: Buffer, from: number, count: number): number {
  let at = from;
  for (let n = 0; n < count; n += 1) at += frameHeader + frames.readUInt32BE(at + 4);
  return at - from;
}
