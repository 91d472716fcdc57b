/**
 * Docker's framing of several streams on one connection. A frame is a header of eight bytes (stream
 * number, three zeros, length as 32 bit big-endian) and the payload.
 */
import { Transform } from 'node:stream';

export const STREAM_NUMBER = { stdin: 0, stdout: 1, stderr: 2, error: 3 } as const;
export type StreamLabel = keyof typeof STREAM_NUMBER;

/** Bytes of what stands before a payload. */
export const FRAME_HEADER = 8;

/** Says what stream the next `bytes` are of. @returns where they begin */
export function writeFrameHeader(
  target: Buffer,
  at: number,
  stream: StreamLabel,
  bytes: number,
): number {
  target.writeUInt32BE(STREAM_NUMBER[stream] * 0x1_00_00_00, at);
  return target.writeUInt32BE(bytes, at + 4);
}

/** What stands before a payload of that many bytes. */
function frameHeader(stream: StreamLabel, bytes: number): Buffer {
  const header = Buffer.allocUnsafe(FRAME_HEADER);
  writeFrameHeader(header, 0, stream, bytes);
  return header;
}

export function frame(stream: StreamLabel, payload: Buffer): Buffer {
  return Buffer.concat([frameHeader(stream, payload.length), payload]);
}

/** Takes frames cut anywhere, gives their payloads: what a container with a terminal wrote. */
export function unframe(): Transform {
  let header = Buffer.alloc(0);
  let left = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let rest = chunk;
      while (rest.length > 0) {
        if (left > 0) {
          const payload = rest.subarray(0, left);
          left -= payload.length;
          rest = rest.subarray(payload.length);
          this.push(payload);
          continue;
        }
        const missing = FRAME_HEADER - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length < FRAME_HEADER) break;
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
      }
      done();
    },
  });
}

const RAW = 'application/vnd.docker.raw-stream';
const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream';

/** The media type of a container's output: framed ones have a name of their own from 1.42 on. */
export const outputType = (tty: boolean, multiplexedKnown: boolean): string =>
  !tty && multiplexedKnown ? MULTIPLEXED : RAW;

export const RAW_STREAM = RAW;
