/** Messages on a byte stream: a 32-bit big-endian length, then that many bytes of JSON. */

const headerBytes = 4;
/** More than any message needs; less than would hurt. */
const maxMessageBytes = 4 * 1024 * 1024;

export function encodeMessage(message: object): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const framed = Buffer.allocUnsafe(headerBytes + body.length);
  framed.writeUInt32BE(body.length);
  body.copy(framed, headerBytes);
  return framed;
}

/** Collects bytes and gives out messages one by one, so that a reader can stop between two. */
export class MessageReader {
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
  }

  /** The next whole message, or undefined. Throws `RangeError` or `SyntaxError` for rubbish. */
  next(): unknown {
    if (this.#held.length < headerBytes) return undefined;
    const length = this.#held.readUInt32BE();
    if (length > maxMessageBytes) throw new RangeError(`a message of ${length} bytes`);
    const end = headerBytes + length;
    if (this.#held.length < end) return undefined;
    const message: unknown = JSON.parse(this.#held.toString('utf8', headerBytes, end));
    this.#held = this.#held.subarray(end);
    return message;
  }

  /** What came after the messages taken so far. */
  rest(): Buffer {
    return this.#held;
  }
}
