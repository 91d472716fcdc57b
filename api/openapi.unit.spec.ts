/** The document, the route table and the generated types say the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { NOT_SERVED } from './notServed/table.ts';
import { conform } from './openapi/conform.ts';
import { readDocument } from './openapi/document.ts';
import { generate } from './openapi/generate.ts';
import { referencePage } from './openapi/reference.ts';
import { documentedPath } from './router.ts';
import { servedRoutes } from './server.ts';

const text = readFileSync(new URL('./openapi.yaml', import.meta.url), 'utf8');
const document: { paths: Record<string, Record<string, { 'x-unversioned'?: boolean }>> } =
  parse(text);

const documented = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => {
    const bare = operation['x-unversioned'] === true ? ' bare' : '';
    return `${method.toUpperCase()} ${path}${bare}`;
  }),
);

test('every route is documented, and every documented path is served', () => {
  const served = servedRoutes.map(
    (route) => `${route.method} ${documentedPath(route)}${route.unversioned ? ' bare' : ''}`,
  );
  assert.deepEqual([...served].sort(), [...documented].sort());
});

test('the generated types are those of the document', () => {
  const file = readFileSync(new URL('./openapi.gen.ts', import.meta.url), 'utf8');
  assert.ok(file === generate(text), 'run node api/openapi/generate.ts');
});

test('the reference page is that of the document', () => {
  const file = readFileSync(new URL('./openapi.gen.html', import.meta.url), 'utf8');
  assert.ok(file === referencePage(readDocument(text)), 'run node api/openapi/generate.ts');
});

test('every reference in the document leads somewhere', () => {
  const root: unknown = parse(text);
  for (const [, pointer = ''] of text.matchAll(/\$ref: '#\/([\w/-]+)'/g)) {
    let found: unknown = root;
    for (const part of pointer.split('/'))
      found = typeof found === 'object' && found !== null ? Reflect.get(found, part) : undefined;
    assert.notEqual(found, undefined, pointer);
  }
});

test('a body takes the spelling of the document, and loses what it does not know', () => {
  const body = { image: 'a', hostconfig: { AUTOREMOVE: true, bogus: 1 }, Labels: { aB: 'c' } };
  assert.deepEqual(conform('ContainerCreateRequest', body), {
    Image: 'a',
    HostConfig: { AutoRemove: true },
    Labels: { aB: 'c' },
  });
  assert.deepEqual(conform('ContainerCreateRequest', { Tty: null, Entrypoint: 'sh', Cmd: null }), {
    Entrypoint: ['sh'],
    Cmd: null,
  });
});

test('a value of another type names its field', () => {
  const wrong = (body: object) => () => conform('ContainerCreateRequest', { ...body });
  assert.throws(wrong({ HostConfig: { Memory: '1' } }), /field HostConfig\.Memory must be integer/);
  assert.throws(wrong({ Env: ['a', 1] }), /field Env\[1\] must be string/);
  assert.throws(wrong({ Labels: { a: 1 } }), /field Labels\.a must be string/);
  assert.throws(() => conform('ContainerCreateRequest', []), /the body must be object/);
});

test('a route that is served is not in the table of those that are not', () => {
  const key = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
  const served = new Set(servedRoutes.map(key));
  assert.deepEqual(
    NOT_SERVED.map(key).filter((one) => served.has(one)),
    [],
  );
});
