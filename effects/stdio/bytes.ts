/** Bytes that are read and written several at once. */
export interface Bytes {
  readonly buffer: Buffer;
  readonly view: DataView;
}

export function bytesOf(buffer: Buffer): Bytes {
  return { buffer, view: new DataView(buffer.buffer, buffer.byteOffset, buffer.length) };
}

/** A piece of a line as the container wrote it; valid during a call only. */
export interface Piece {
  readonly bytes: Bytes;
  readonly from: number;
  readonly to: number;
}
