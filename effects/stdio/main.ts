/**
 * Entry of the stdio process: `node main.ts --dir <exec-root>/stdio`. It is started by the daemon
 * in a session of its own and outlives it; signals that are meant for the daemon do not end it,
 * only the request `shutdown` does.
 */
import { mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { dir: { type: 'string' } } });
if (values.dir === undefined) {
  process.stderr.write('usage: main --dir DIRECTORY\n');
  process.exit(2);
}
const { dir } = values;
mkdirSync(dir, { recursive: true, mode: 0o700 });
// Not in the shared temporary directory: what lies there would run as root.
enableCompileCache(join(dir, '.compiled'));
const { serve } = await import('./serve.ts');
await serve(dir);
