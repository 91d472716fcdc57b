/**
 * Frames of a websocket (RFC 6455), the server's side: what a client sends is masked, what it gets
 * is not. Payloads pass as they come, so a frame may be larger than memory; only those of control
 * frames are held, which the protocol bounds.
 */
import { Transform, type TransformCallback } from 'node:stream';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Codes with which a connection is closed. */
export const CLOSE = { normal: 1000, protocolError: 1002 } as const;

const FINAL = 0x80;
const MASKED = 0x80;
const RESERVED = 0x70;
const MOST_CONTROL = 125;

/** A whole frame to the client. */
export function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended);
  head.writeUInt8(FINAL + opcode, 0);
  head.writeUInt8(extended === 0 ? length : extended === 2 ? 126 : 127, 1);
  if (extended === 2) head.writeUInt16BE(length, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

export function closeFrame(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return frameOf(OPCODE.close, payload);
}

interface Head {
  readonly opcode: number;
  readonly bytes: number;
  readonly mask: Buffer;
}

/** A head and how long it is; undefined: it is not whole yet; a string: what is wrong with it. */
function headOf(
  bytes: Buffer,
): { readonly head: Head; readonly length: number } | string | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const opcode = first & 0x0f;
  const short = second & 0x7f;
  const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
  if ((first & RESERVED) !== 0) return 'reserved bits are set';
  if ((second & MASKED) === 0) return 'a frame of a client is not masked';
  if (opcode > OPCODE.pong || (opcode > OPCODE.binary && opcode < OPCODE.close)) return 'opcode';
  const control = opcode >= OPCODE.close;
  if (control && (short > MOST_CONTROL || (first & FINAL) === 0)) return 'a control frame in parts';
  const length = 2 + extended + 4;
  if (bytes.length < length) return undefined;
  const long = extended === 8 ? Number(bytes.readBigUInt64BE(2)) : 0;
  if (long > Number.MAX_SAFE_INTEGER) return 'a frame that never ends';
  const size = extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(2) : long;
  return { head: { opcode, bytes: size, mask: bytes.subarray(length - 4, length) }, length };
}

function unmask(payload: Buffer, mask: Buffer, from: number): Buffer {
  const plain = Buffer.allocUnsafe(payload.length);
  for (let i = 0; i < payload.length; i += 1)
    plain[i] = (payload[i] ?? 0) ^ (mask[(from + i) % 4] ?? 0);
  return plain;
}

/** What is to be told to the client, beside what it gets. */
export interface FrameListener {
  ping(payload: Buffer): void;
  /** No more comes: the client has said so, or has sent what is no frame. */
  over(code: number): void;
}

/** Takes the client's bytes cut anywhere, gives the payloads of its messages, one after another. */
export class ClientFrames extends Transform {
  readonly #listener: FrameListener;
  #rest: Buffer = Buffer.alloc(0);
  #head: Head | undefined;
  /** Of the payload. */
  #read = 0;
  #control: Buffer[] = [];
  #over = false;

  constructor(listener: FrameListener) {
    super();
    this.#listener = listener;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    // Behind its last frame a client has nothing to say.
    if (!this.#over)
      this.#take(this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]));
    done();
  }

  #take(bytes: Buffer): void {
    let rest = bytes;
    while (!this.#over) {
      if (this.#head === undefined) {
        const found = headOf(rest);
        if (found === undefined) break;
        if (typeof found === 'string') return this.#end(CLOSE.protocolError);
        this.#head = { ...found.head, mask: Buffer.from(found.head.mask) };
        rest = rest.subarray(found.length);
      }
      const part = rest.subarray(0, this.#head.bytes - this.#read);
      rest = rest.subarray(part.length);
      this.#payload(this.#head, part);
      if (this.#head !== undefined) break;
    }
    this.#rest = rest;
  }

  #payload(head: Head, part: Buffer): void {
    const plain = unmask(part, head.mask, this.#read);
    this.#read += part.length;
    if (head.opcode >= OPCODE.close) this.#control.push(plain);
    else if (plain.length > 0) this.push(plain);
    if (this.#read < head.bytes) return;
    this.#head = undefined;
    this.#read = 0;
    const payload = Buffer.concat(this.#control);
    this.#control = [];
    if (head.opcode === OPCODE.ping) this.#listener.ping(payload);
    if (head.opcode === OPCODE.close) this.#end(CLOSE.normal);
  }

  #end(code: number): void {
    this.#over = true;
    this.#rest = Buffer.alloc(0);
    this.push(null);
    this.#listener.over(code);
  }
}

/** Makes a message of each chunk. */
export function messages(opcode: number): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, frameOf(opcode, chunk));
    },
  });
}
