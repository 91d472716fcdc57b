/** Starts the stdio process so that it outlives the one who starts it. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const entry = fileURLToPath(new URL(`./main.${extension}`, import.meta.url));
/** It holds little and copies much: a small young generation costs no speed and saves memory. */
const engineOptions = ['--max-semi-space-size=1', '--v8-pool-size=1'];

/**
 * In a session of its own, from the root directory, with nothing of the caller's environment but
 * its PATH. Returns before it serves; whether one is running already is settled by its lock.
 */
export function launchStdio(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const log = openSync(join(dir, 'stdio.log'), 'a', 0o600);
  try {
    const child = spawn(process.execPath, [...engineOptions, entry, '--dir', dir], {
      detached: true,
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '', UV_THREADPOOL_SIZE: '1' },
      stdio: ['ignore', log, log],
    });
    // That it does not serve is seen by whoever connects.
    child.on('error', (error) => process.emitWarning(`stdio process: ${error.message}`));
    child.unref();
  } finally {
    closeSync(log);
  }
}
