/** What a good definition has, and no type checker sees. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DOCUMENT, type Operation, readDocument } from './document.ts';
import type { Schema } from './schema.ts';

const text = readFileSync(DOCUMENT, 'utf8');
const document = readDocument(text);

const operations: readonly (readonly [string, string, Operation])[] = Object.entries(
  document.paths,
).flatMap(([path, item]) =>
  Object.entries(item).map(
    ([method, one]) => [`${method.toUpperCase()} ${path}`, path, one] as const,
  ),
);

/** Names of the operations for which the rule finds something, with what it finds. */
function found(rule: (operation: Operation, path: string, name: string) => readonly string[]) {
  return operations.flatMap(([name, path, one]) =>
    rule(one, path, name).map((it) => `${name}: ${it}`),
  );
}

test('every operation says in one line what it does', () => {
  const wrong = found(({ summary = '' }) =>
    /^[A-Z].{3,}[^.]$/.test(summary) ? [] : [`summary "${summary}"`],
  );
  assert.deepEqual(wrong, []);
});

test('every part of a path is a declared parameter, and no other is', () => {
  const wrong = found(({ parameters = [] }, path) => {
    const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted();
    const given = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
    return JSON.stringify(parts) === JSON.stringify(given.toSorted()) ? [] : [`${parts} ${given}`];
  });
  assert.deepEqual(wrong, []);
});

test('no parameter is declared twice, and each has a type', () => {
  const wrong = found(({ parameters = [] }) => {
    const names = parameters.map(({ name }) => name);
    const twice = names.filter((name, at) => names.indexOf(name) !== at);
    const bare = parameters.filter(({ schema }) => schema === undefined).map(({ name }) => name);
    return [...twice, ...bare];
  });
  assert.deepEqual(wrong, []);
});

test('every answer is described, and every error has the body of errors', () => {
  const wrong = found(({ responses }) =>
    Object.entries(responses).flatMap(([status, { description = '', content }]) => {
      const said = description.length > 1 ? [] : [`${status} has no description`];
      // Errors on a connection that is about to stop being HTTP are plain text, and say so.
      const plain = Number(status) < 400 || /plain text|Not yet/.test(description);
      const schema = content?.['application/json']?.schema?.$ref ?? '';
      return plain || schema.endsWith('/ErrorResponse') ? said : [...said, `${status} is no error`];
    }),
  );
  assert.deepEqual(wrong, []);
});

test('every operation has an answer that is no error, or says that it can not', () => {
  const wrong = found(({ responses, summary = '' }) =>
    Object.keys(responses).some((status) => Number(status) < 400) ||
    /not supported|can not be removed|No volume/.test(summary)
      ? []
      : ['only errors'],
  );
  assert.deepEqual(wrong, []);
});

function* schemasIn(schema: Schema): Generator<Schema> {
  yield schema;
  const extra = schema.additionalProperties;
  const inner = [...Object.values(schema.properties ?? {}), ...(schema.allOf ?? [])];
  inner.push(...(schema.anyOf ?? []));
  if (schema.items !== undefined) inner.push(schema.items);
  if (typeof extra === 'object') inner.push(extra);
  for (const one of inner) yield* schemasIn(one);
}

test('what a schema requires it also describes, lists say of what, and each is used', () => {
  const wrong = Object.entries(document.schemas).flatMap(([name, schema]) => {
    const used = text.includes(`#/components/schemas/${name}"`);
    const parts = [...schemasIn(schema)].flatMap((part) => [
      ...(part.required ?? []).filter((one) => part.properties?.[one] === undefined),
      ...([part.type].flat().includes('array') && part.items === undefined ? ['a bare list'] : []),
    ]);
    return [...parts, ...(used ? [] : ['nobody refers to it'])].map((it) => `${name}: ${it}`);
  });
  assert.deepEqual(wrong, []);
});
