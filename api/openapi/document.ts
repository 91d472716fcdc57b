/** api/openapi.yaml as data, for tests and generators: the daemon itself parses no YAML. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Schema } from './schema.ts';
import type { Schemas } from './validate.ts';

export const DOCUMENT = new URL('../openapi.yaml', import.meta.url);

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
  readonly description?: string;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

export interface Answer {
  readonly description: string;
  readonly content?: Content;
}

export interface Operation {
  readonly summary?: string;
  readonly 'x-unversioned'?: boolean;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
}

export interface ApiDocument {
  /** By path and method in small letters; references to parameters and responses are followed. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly schemas: Schemas;
}

interface Referring {
  readonly $ref?: string;
}

/** Follows a reference to a component that is not a schema, as deep as it goes. */
function follow<T>(root: unknown, value: T & Referring): T {
  if (typeof value !== 'object' || value?.$ref === undefined) return value;
  let found: unknown = root;
  for (const part of value.$ref.slice(2).split('/'))
    found = typeof found === 'object' && found !== null ? Reflect.get(found, part) : undefined;
  if (found === undefined) throw new Error(`the document has no ${value.$ref}`);
  return follow(root, found as T & Referring);
}

function operationOf(root: unknown, given: Operation): Operation {
  const responses = follow(root, given.responses);
  return {
    ...given,
    parameters: (given.parameters ?? []).map((one) => follow(root, one)),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, answer]) => [status, follow(root, answer)]),
    ),
  };
}

export function readDocument(text = readFileSync(DOCUMENT, 'utf8')): ApiDocument {
  const root: {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Schemas };
  } = parse(text);
  const paths = Object.entries(root.paths).map(([path, item]) => {
    const operations = Object.entries(item).map(([method, operation]) => [
      method,
      operationOf(root, operation),
    ]);
    return [path, Object.fromEntries(operations)];
  });
  return { paths: Object.fromEntries(paths), schemas: root.components.schemas };
}

/** Media type without its parameters, and the schema that the document gives for it. */
export function schemaOf({ content }: Answer, type = 'application/json'): Schema | undefined {
  return content?.[type]?.schema;
}
