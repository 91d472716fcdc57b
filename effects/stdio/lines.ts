/**
 * Cuts one output into the lines that are logged: at each newline, and where `pieceBytes` bytes
 * have come without one. Holds what has come of the line that is not over.
 */
import { pieceBytes } from './jsonRecord.ts';

/**
 * @param piece valid during the call only.
 * @param first whether a line starts with it.
 * @param last whether a line ends with it.
 */
export type EmitPiece = (piece: Buffer, first: boolean, last: boolean) => void;

export class LineCutter {
  readonly #emit: EmitPiece;
  #held: Buffer | undefined;
  #heldBytes = 0;
  #first = true;

  constructor(emit: EmitPiece) {
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const room = pieceBytes - this.#heldBytes;
      const newline = chunk.indexOf(0x0a, at);
      const end = newline === -1 ? chunk.length : newline + 1;
      const complete = newline !== -1 && end - at <= room;
      const piece = chunk.subarray(at, Math.min(end, at + room));
      at += piece.length;
      if (complete || piece.length === room) this.#give(piece, complete);
      else this.#hold(piece);
    }
  }

  /** Gives out what is held as the end of a line, as it is. */
  flush(): void {
    if (this.#heldBytes > 0) this.#give(Buffer.alloc(0), true);
    this.#first = true;
  }

  /** What is held of a line; for a process that goes on where this one stops. */
  held(): { readonly bytes: Buffer; readonly first: boolean } {
    const bytes = this.#held?.subarray(0, this.#heldBytes) ?? Buffer.alloc(0);
    return { bytes, first: this.#first };
  }

  /** Goes on from what `held` told. */
  restore(bytes: Buffer, first: boolean): void {
    this.#first = first;
    if (bytes.length > 0) this.#hold(bytes);
  }

  #hold(piece: Buffer): void {
    this.#held ??= Buffer.allocUnsafe(pieceBytes);
    this.#heldBytes += piece.copy(this.#held, this.#heldBytes);
  }

  #give(piece: Buffer, last: boolean): void {
    let whole = piece;
    if (this.#held !== undefined && this.#heldBytes > 0) {
      this.#hold(piece);
      whole = this.#held.subarray(0, this.#heldBytes);
    }
    this.#heldBytes = 0;
    const first = this.#first;
    this.#first = last;
    this.#emit(whole, first, last);
    // Most outputs are idle most of the time and then cost no buffer.
    this.#held = undefined;
  }
}
