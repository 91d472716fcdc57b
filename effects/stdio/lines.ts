/**
 * Cuts one output into the lines that are logged: at each newline, and where `pieceBytes` bytes
 * have come without one. Holds what has come of the line that is not over.
 */
import { type Bytes, bytesOf, type Piece } from './bytes.ts';
import { pieceBytes } from './jsonRecord.ts';

/**
 * @param first whether a line starts with it.
 * @param last whether a line ends with it.
 */
export type EmitPiece = (piece: Piece, first: boolean, last: boolean) => void;

const nothing = bytesOf(Buffer.alloc(0));

export class LineCutter {
  readonly #emit: EmitPiece;
  #held: Bytes | undefined;
  #heldBytes = 0;
  #first = true;

  constructor(emit: EmitPiece) {
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    const bytes = bytesOf(chunk);
    const piece = { bytes, from: 0, to: 0 };
    while (piece.from < chunk.length) {
      const room = pieceBytes - this.#heldBytes;
      const newline = chunk.indexOf(0x0a, piece.from);
      const end = newline === -1 ? chunk.length : newline + 1;
      const complete = newline !== -1 && end - piece.from <= room;
      piece.to = Math.min(end, piece.from + room);
      if (complete || piece.to === piece.from + room) this.#give(piece, complete);
      else this.#hold(piece);
      piece.from = piece.to;
    }
  }

  /** Gives out what is held as the end of a line, as it is. */
  flush(): void {
    if (this.#heldBytes > 0) this.#give({ bytes: nothing, from: 0, to: 0 }, true);
    this.#first = true;
  }

  /** What is held of a line; for a process that goes on where this one stops. */
  held(): { readonly bytes: Buffer; readonly first: boolean } {
    const bytes = this.#held?.buffer.subarray(0, this.#heldBytes) ?? Buffer.alloc(0);
    return { bytes, first: this.#first };
  }

  /** Goes on from what `held` told. */
  restore(bytes: Buffer, first: boolean): void {
    this.#first = first;
    if (bytes.length > 0) this.#hold({ bytes: bytesOf(bytes), from: 0, to: bytes.length });
  }

  #hold({ bytes, from, to }: Piece): void {
    this.#held ??= bytesOf(Buffer.allocUnsafe(pieceBytes));
    this.#heldBytes += bytes.buffer.copy(this.#held.buffer, this.#heldBytes, from, to);
  }

  #give(piece: Piece, last: boolean): void {
    let whole = piece;
    if (this.#held !== undefined && this.#heldBytes > 0) {
      this.#hold(piece);
      whole = { bytes: this.#held, from: 0, to: this.#heldBytes };
    }
    this.#heldBytes = 0;
    const first = this.#first;
    this.#first = last;
    this.#emit(whole, first, last);
    // Most outputs are idle most of the time and then cost no buffer.
    this.#held = undefined;
  }
}
