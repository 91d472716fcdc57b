/** Large buffers, for the time of one read or one write each. */
import { type Bytes, bytesOf } from './bytes.ts';

export const blockBytes = 256 * 1024;
const mostSpare = 4;
const spare: Bytes[] = [];

/** @param bytes at least so many */
export function takeBlock(bytes = blockBytes): Bytes {
  if (bytes > blockBytes) return bytesOf(Buffer.allocUnsafe(bytes));
  return spare.pop() ?? bytesOf(Buffer.allocUnsafeSlow(blockBytes));
}

/** Whoever has taken it needs it no more. */
export function giveBlock(block: Bytes): void {
  if (block.buffer.length === blockBytes && spare.length < mostSpare) spare.push(block);
}
