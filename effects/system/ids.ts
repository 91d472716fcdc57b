/** Chance from the operating system: random digits and the ids made of them. */
import { randomBytes } from 'node:crypto';

/** Lower-case hexadecimal digits of `bytes` random bytes: twice as many characters. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
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
