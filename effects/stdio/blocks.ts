/** Large buffers, for the time of one read or one write each. */

export const blockBytes = 256 * 1024;
const mostSpare = 4;
const spare: Buffer[] = [];

export const takeBlock = (): Buffer => spare.pop() ?? Buffer.allocUnsafeSlow(blockBytes);

/** Whoever has taken it needs it no more. */
export function giveBlock(block: Buffer): void {
  if (spare.length < mostSpare) spare.push(block);
}
