/**
 * What a socket's end tells nobody in Node: whether the peer is gone or has only stopped writing.
 */
import { endianness } from 'node:os';
import { libcFunction } from './libc.ts';

const pollCall = libcFunction<(entries: Buffer, count: number, timeoutMs: number) => number>(
  'int poll(void *entries, unsigned long count, int timeoutMs)',
);
const hungUp = 0x10;
const failed = 0x08;
/** struct pollfd: descriptor (32 bits), events asked for, events found (16 bits each). */
const pollfdBytes = 8;

/**
 * True when the other end of a unix stream socket is closed altogether, false while it may still
 * read. Does not wait.
 */
export function isHungUp(fd: number): boolean {
  const entry = Buffer.alloc(pollfdBytes);
  const little = endianness() === 'LE';
  if (little) entry.writeInt32LE(fd);
  else entry.writeInt32BE(fd);
  if (pollCall(entry, 1, 0) <= 0) return false;
  const found = little ? entry.readUInt16LE(6) : entry.readUInt16BE(6);
  return (found & (hungUp | failed)) !== 0;
}
