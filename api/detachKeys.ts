/**
 * The key sequence by which a client leaves a terminal without ending what runs there. A beginning
 * of the sequence is held back, and passed on when the sequence is broken.
 */
import { Transform } from 'node:stream';
import { apiError } from './errors.ts';

/** ctrl-p, ctrl-q. */
const DEFAULT = [16, 17];

const CONTROLS = '@abcdefghijklmnopqrstuvwxyz[\\]^_';

function keyCode(key: string): number | undefined {
  if (key === 'DEL') return 127;
  if (key.length === 1 && key <= '\x7f') return key.charCodeAt(0);
  const letter = /^ctrl-(.)$/.exec(key)?.[1];
  const code = letter === undefined ? -1 : CONTROLS.indexOf(letter);
  return code < 0 ? undefined : code;
}

/** dockerd looks at them in two places, with two words and two kinds of error. */
function invalid(keys: string, of: 'attach' | 'exec'): Error {
  if (of === 'attach') return apiError('bad-detach-keys', { keys });
  return apiError('internal', { message: `Invalid escape keys (${keys}) provided` });
}

/** Undefined: one of them is no key. */
function keyCodes(keys: string): readonly number[] | undefined {
  if (keys === '') return DEFAULT;
  const codes = keys.split(',').flatMap((key) => keyCode(key) ?? []);
  return codes.length === keys.split(',').length ? codes : undefined;
}

/** The bytes of a list such as `ctrl-p,ctrl-q`; empty: the default. @throws ApiError */
export function detachKeys(keys: string, of: 'attach' | 'exec' = 'attach'): readonly number[] {
  const codes = keyCodes(keys);
  if (codes === undefined) throw invalid(keys, of);
  return codes;
}

/** Of what is on record: an older version took lists that no longer are one. Then the default. */
export const recordedKeys = (keys: string): readonly number[] => keyCodes(keys) ?? DEFAULT;

/** As inspect shows them: the bytes, or the list itself, if it is none. */
export function shownKeys(keys: string): Buffer {
  return keys === '' ? Buffer.alloc(0) : Buffer.from(keyCodes(keys) ?? Buffer.from(keys));
}

/** Length of the longest beginning of `keys` that `typed` ends with. */
function overlap(typed: readonly number[], keys: readonly number[]): number {
  for (let length = Math.min(typed.length, keys.length); length > 0; length -= 1) {
    const end = typed.slice(typed.length - length);
    if (end.every((byte, index) => byte === keys[index])) return length;
  }
  return 0;
}

/**
 * Passes keystrokes on until the sequence has been typed; then calls `detached` and says no more.
 */
export function detachFilter(keys: readonly number[], detached: () => void): Transform {
  let held: readonly number[] = [];
  let over = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      // What is pasted seldom holds a key of the sequence.
      if (!over && held.length === 0 && !chunk.includes(keys[0] ?? 0)) return done(null, chunk);
      const passed: number[] = [];
      for (const byte of over ? [] : chunk) {
        const typed = [...held, byte];
        const kept = overlap(typed, keys);
        passed.push(...typed.slice(0, typed.length - kept));
        held = typed.slice(typed.length - kept);
        if (kept === keys.length) {
          over = true;
          detached();
          break;
        }
      }
      done(null, Buffer.from(passed));
    },
    flush(done) {
      done(null, over ? Buffer.alloc(0) : Buffer.from(held));
    },
  });
}
