/** What would be published: JavaScript that runs without our types, and types that are whole. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules/.bin/tsc');
const directory = mkdtempSync(join(tmpdir(), 'shiplog-build-'));
after(() => rmSync(directory, { recursive: true }));

test('the build emits a client that plain Node loads and a program is checked against', () => {
  execFileSync(TSC, ['-p', join(ROOT, 'cli/client'), '--outDir', join(directory, 'dist')]);
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  const entry = './dist/cli/client/index.js';
  const script = `import { createClient } from '${entry}';
    console.log(typeof createClient('unix:///x').events$);`;
  const ran = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: directory,
  });
  assert.equal(ran.toString(), 'function\n');
  const program = `import { createClient } from '${entry}';
    const positions: number[] = [];
    createClient('unix:///x').events$().subscribe((one) => positions.push(one.position));`;
  writeFileSync(join(directory, 'program.ts'), program);
  const strict = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024'];
  execFileSync(TSC, [...strict, '--types', 'node', 'program.ts'], { cwd: directory });
});
