/** The file that holds the daemon's process id while it runs. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export function writePidfile(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${process.pid}\n`);
  process.once('exit', () => rmSync(path, { force: true }));
}
