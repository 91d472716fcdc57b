/**
 * Whether the kernel takes system calls of x32, the 64 bit instructions with 32 bit addresses.
 * Hardly one does; a filter that knows x32 all the same takes the runtime a fifth of the time that
 * it needs for a start or an exec.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { codeOf } from '../system/libc.ts';

/**
 * @param config how the kernel was built; undefined: nobody knows
 * @param commandLine what it was booted with
 */
export function takesX32(config: string | undefined, commandLine: string): boolean {
  if (config === undefined) return true;
  if (!/^CONFIG_X86_X32(_ABI)?=y$/m.test(config)) return false;
  // Debian's: there, and off unless it is asked for.
  if (!/^CONFIG_X86_X32_DISABLED=y$/m.test(config)) return true;
  return /(^|\s)syscall\.x32=(y|1|on)/i.test(commandLine);
}

/** @param release as `uname -r` says */
export function kernelConfig(release: string): string | undefined {
  const packed = contentOf('/proc/config.gz');
  const plain = packed === undefined ? contentOf(`/boot/config-${release}`) : gunzipSync(packed);
  return plain?.toString('latin1');
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
