/** Chance from the operating system: random digits and the ids made of them. */
import { randomBytes, randomFillSync } from 'node:crypto';

/** Each call for random bytes has a price, however few it asks for: they are fetched in bulk. */
const POOL_BYTES = 4_096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Lower-case hexadecimal digits of `bytes` random bytes: twice as many characters. */
export function randomHex(bytes: number): string {
  if (bytes > POOL_BYTES) return randomBytes(bytes).toString('hex');
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/**
 * 64 hexadecimal digits. The first 12, which clients show and use as a host name, always have a
 * letter, so that nothing takes them for a number.
 */
export function containerId(): string {
  for (;;) {
    const id = randomHex(32);
    if (/[a-f]/.test(id.slice(0, 12))) return id;
  }
}

/** A number in [0, 1), to spread retries; not for secrets. */
export function randomFraction(): number {
  return randomBytes(4).readUInt32BE() / 2 ** 32;
}
