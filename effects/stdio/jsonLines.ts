/**
 * Bytes of a json-file to records. Nearly all lines are written as Docker writes them, and end like
 * one before, but maybe for their time: those are taken without being parsed, all others are read
 * as JSON.
 */
import { isUtf8 } from 'node:buffer';
import { type Bytes, bytesOf } from './bytes.ts';
import { JsonEndings } from './jsonEndings.ts';
import { JsonText } from './jsonText.ts';
import { frameHeader, type LogPage, PageWriter } from './logPage.ts';
import { parseRecord } from './logRecord.ts';
import { Sample } from './sample.ts';

const newline = 0x0a;
const begin = Buffer.from('{"log":"');
const beginning = new Sample();
beginning.take(bytesOf(begin), 0, begin.length);

/** A line that is not whole yet waits for its rest. */
export class WholeLines {
  #rest: Buffer[] = [];
  readonly #page = new PageWriter();
  readonly #text = new JsonText();
  readonly #endings = new JsonEndings();

  push(block: Buffer): LogPage {
    const end = block.lastIndexOf(newline) + 1;
    const first = end > 0 && this.#rest.length > 0 ? block.indexOf(newline) + 1 : 0;
    const begun = first > 0 ? Buffer.concat([...this.#rest, block.subarray(0, first)]) : undefined;
    this.#page.begin((begun?.length ?? 0) + end - first);
    if (begun !== undefined) this.#lines(begun);
    if (first < end) this.#lines(block.subarray(first, end));
    if (end > 0) this.#rest = [];
    if (end < block.length) this.#rest.push(Buffer.from(block.subarray(end)));
    return this.#page.page();
  }

  forget(): void {
    this.#page.forget();
  }

  #lines(lines: Buffer): void {
    const source = bytesOf(lines);
    const page = this.#page;
    page.reserve(lines.length);
    // What is not becomes U+FFFD in parsing.
    const isText = isUtf8(lines);
    for (let at = 0; at < lines.length; ) {
      at = (isText ? this.#plain(source, at, page) : undefined) ?? this.#parsed(source, at, page);
    }
  }

  /** @returns where the next line begins; undefined: this one has to be parsed */
  #plain(source: Bytes, at: number, page: PageWriter): number | undefined {
    if (!beginning.isAt(source, at)) return undefined;
    const text = this.#text;
    if (!text.copy(source, at + begin.length, page.target, page.lineAt)) return undefined;
    const kind = this.#endings.at(source, text.end);
    if (kind === undefined) return undefined;
    page.add(kind, text.copied - page.lineAt);
    return text.end + this.#endings.length;
  }

  #parsed(source: Bytes, at: number, page: PageWriter): number {
    const next = source.buffer.indexOf(newline, at) + 1;
    const record = parseRecord(source.buffer.toString('utf8', at, next - 1));
    if (record === undefined) return next;
    const { line, ...kind } = record;
    page.reserve(line.length + frameHeader + source.buffer.length - next);
    line.copy(page.target.buffer, page.lineAt);
    page.add(kind, line.length);
    this.#endings.learn(kind);
    return next;
  }
}
