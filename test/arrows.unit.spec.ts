/** The arrows between the rooms: only those of the table exist, and none goes in a circle. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EXCEPTIONS } from './tidy/exceptions.ts';
import { ARROWS, circles, type Import, importsOf, printTable, refusalOf } from './tidy/imports.ts';
import { ROOT, readProject } from './tidy/project.ts';
import { readSource } from './tidy/source.ts';

const imports = readProject((path) => path.endsWith('.ts')).flatMap(importsOf);

function refusal(path: string, text: string): string | undefined {
  const [first] = importsOf(readSource(path, text));
  assert.ok(first, text);
  return refusalOf(first);
}

test('every import between rooms is in the table', () => {
  const excepted = EXCEPTIONS.filter(({ rule }) => rule === 'arrows').map(({ path }) => path);
  const refused = imports
    .filter(({ from }) => !excepted.includes(from))
    .map(refusalOf)
    .filter((one) => one !== undefined);
  assert.equal(refused.length, 0, `${refused.join('\n')}\n\n${printTable()}`);
});

test('each exception from the table is still needed', () => {
  const needless = EXCEPTIONS.filter(
    ({ rule, path }) =>
      rule === 'arrows' && !imports.some((one) => one.from === path && refusalOf(one)),
  );
  assert.deepEqual(needless, []);
});

test('every file that is imported exists', () => {
  const missing = imports
    .filter(({ kind, target }) => kind === 'file' && !existsSync(join(ROOT, target)))
    .map(({ from, target }) => `${from}: ${target}`);
  assert.deepEqual(missing, []);
});

test('no files import each other in a circle', () => {
  assert.deepEqual(circles(imports), []);
});

test('a forbidden arrow is found, in every form an import has', () => {
  const forbidden = [
    "import { x } from '../store/log.ts';",
    "import type { X } from '../store/types.ts';",
    "import x, { y } from '../store/log.ts';",
    "import * as log from '../store/log.ts';",
    "import '../store/log.ts';",
    "export { x } from '../store/log.ts';",
    "export * from '../store/log.ts';",
    "const x = await import('../store/log.ts');",
    "let x: import('../store/types.ts').X;",
    "import {\n  x,\n  y,\n} from '../store/log.ts';",
  ];
  for (const text of forbidden) {
    assert.match(refusal('api/sample.ts', text) ?? '', /api\/sample\.ts:1 imports store/, text);
  }
});

test('where types are allowed, values are not', () => {
  const target = "from '../machines/words.ts';";
  assert.equal(refusal('effects/sample.ts', `import type { X } ${target}`), undefined);
  assert.equal(refusal('effects/sample.ts', `import { type X, type Y } ${target}`), undefined);
  assert.match(refusal('effects/sample.ts', `import { type X, y } ${target}`) ?? '', /as a type/);
  assert.match(refusal('effects/sample.ts', `export { y } ${target}`) ?? '', /as a type/);
  assert.match(refusal('projections/sample.ts', `import y ${target}`) ?? '', /as a type/);
});

test('machines and the store know nothing of ours', () => {
  for (const room of ['actors', 'store', 'effects', 'projections', 'cli/replay', 'api', 'cli']) {
    assert.ok(refusal('machines/sample.ts', `import type { X } from '../${room}/x.ts';`), room);
  }
  assert.ok(refusal('store/sample.ts', "import type { X } from '../machines/words.ts';"));
});

test('specs and main.ts may import anything, and nobody may import specs or fixtures', () => {
  const text = "import { openLog } from '../store/log.ts';";
  assert.equal(refusal('api/sample.unit.spec.ts', text), undefined);
  assert.equal(refusal('test/support/sample.ts', text), undefined);
  assert.equal(refusal('main.ts', "import { x } from './store/log.ts';"), undefined);
  assert.ok(refusal('api/sample.ts', "import { x } from '../test/support/x.ts';"));
});

test('nobody imports what plugs all together but main.ts', () => {
  const text = "import { record } from '../main/daemon.ts';";
  for (const room of Object.keys(ARROWS).filter((each) => each !== 'main')) {
    const path = room === 'replay' ? 'cli/replay/sample.ts' : `${room}/sample.ts`;
    const from = room === 'replay' ? text.replace('../', '../../') : text;
    assert.ok(refusal(path, from), room);
  }
  assert.equal(refusal('main.ts', "import { record } from './main/daemon.ts';"), undefined);
});

test('some packages are for one room alone', () => {
  assert.ok(refusal('actors/sample.ts', "import { createMachine } from 'xstate';"));
  assert.equal(refusal('machines/sample.ts', "import { createMachine } from 'xstate';"), undefined);
  assert.ok(refusal('effects/stdio/sample.ts', "import koffi from 'koffi';"));
  assert.ok(refusal('api/sample.ts', "import { Client } from '@grpc/grpc-js';"));
});

test('what stands in a comment or in a string is no import', () => {
  const text = "// import { x } from '../store/log.ts';\nconst a = 1;";
  assert.deepEqual(importsOf(readSource('api/sample.ts', text)), []);
});

test('a circle is found, and one of types alone is none', () => {
  const edge = (from: string, target: string, typeOnly = false): Import => ({
    from,
    line: 1,
    target,
    kind: 'file',
    typeOnly,
  });
  const chain = [edge('a.ts', 'b.ts'), edge('b.ts', 'c.ts')];
  assert.deepEqual(circles([...chain, edge('c.ts', 'a.ts', true)]), []);
  assert.deepEqual(circles([...chain, edge('c.ts', 'a.ts')]), ['a.ts → b.ts → c.ts → a.ts']);
});
