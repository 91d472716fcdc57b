/**
 * Writes api/openapi.gen.html, the reference page, and api/openapi.gen.ts from api/openapi.yaml:
 * a type for each schema, and as data the schemas
 * that request bodies are checked against, so that the daemon itself parses no YAML.
 *
 *     node api/openapi/generate.ts           writes
 *     node api/openapi/generate.ts --check   compares, exit status 1 if the file is stale
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readDocument } from './document.ts';
import { referencePage } from './reference.ts';
import type { Schema } from './schema.ts';

const source = new URL('../openapi.yaml', import.meta.url);
const target = new URL('../openapi.gen.ts', import.meta.url);
const page = new URL('../openapi.gen.html', import.meta.url);

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}

const refName = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

function objectType(schema: Schema): string {
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const comment = property.description === undefined ? '' : `/** ${property.description} */ `;
    return `${comment}readonly ${name}${required.has(name) ? '' : '?'}: ${typeOf(property)};`;
  });
  const extra = schema.additionalProperties;
  if (extra !== undefined && extra !== false) {
    const value = extra === true ? 'JsonValue' : typeOf(extra);
    members.push(`readonly [key: string]: ${value}${members.length > 0 ? ' | undefined' : ''};`);
  }
  return `{ ${members.join('\n')} }`;
}

function plainType(schema: Schema, name: string): string {
  if (name === 'array') return `readonly (${typeOf(schema.items ?? {})})[]`;
  if (name === 'object') return objectType(schema);
  if (name === 'integer') return 'number';
  return name;
}

/** The TypeScript type of a schema, as text. */
export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return refName(schema.$ref);
  if (schema.allOf !== undefined) return schema.allOf.map(typeOf).join(' & ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.enum !== undefined) return schema.enum.map((value) => `'${value}'`).join(' | ');
  if (schema.type === undefined) return 'JsonValue';
  const names = typeof schema.type === 'string' ? [schema.type] : schema.type;
  return names.map((name) => plainType(schema, name)).join(' | ');
}

function referred(schema: Schema, schemas: Readonly<Record<string, Schema>>, found: Set<string>) {
  const text = JSON.stringify(schema);
  for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) {
    if (name === undefined || found.has(name)) continue;
    found.add(name);
    referred(schemas[name] ?? {}, schemas, found);
  }
}

/** Schemas that a JSON request body can hold. */
function requestSchemas(document: Document): Record<string, Schema> {
  const { schemas } = document.components;
  const names = new Set<string>();
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item)) {
      const body = operation.requestBody?.content['application/json'];
      if (body !== undefined) referred(body.schema, schemas, names);
    }
  }
  return Object.fromEntries([...names].sort().map((name) => [name, schemas[name] ?? {}]));
}

/** The whole generated file. */
export function generate(yaml: string): string {
  const document: Document = parse(yaml);
  const types = Object.entries(document.components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};`,
  );
  const requests = requestSchemas(document);
  const map = Object.keys(requests).map((name) => `readonly ${name}: ${name};`);
  return [
    '/** Generated from api/openapi.yaml by api/openapi/generate.ts. Do not edit. */',
    "import type { JsonValue } from '../machines/words.ts';",
    "import type { Schema } from './openapi/schema.ts';",
    '',
    ...types,
    '',
    '/** Types that `requestSchemas` describe, by name. */',
    `export interface RequestTypes { ${map.join('\n')} }`,
    '',
    'export const requestSchemas: { readonly [Name in keyof RequestTypes]: Schema } =',
    `${JSON.stringify(requests, null, 1)};`,
    '',
  ].join('\n');
}

if (import.meta.main) {
  const yaml = readFileSync(source, 'utf8');
  const files = [
    { file: target, text: generate(yaml) },
    { file: page, text: referencePage(readDocument(yaml)) },
  ];
  for (const { file, text } of files) {
    if (!process.argv.includes('--check')) writeFileSync(file, text);
    else if (readFileSync(file, 'utf8') !== text) {
      process.stderr.write(`${file.pathname} is stale: run node api/openapi/generate.ts\n`);
      process.exitCode = 1;
    }
  }
}
