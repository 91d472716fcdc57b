/**
 * Checks an answer against a schema of api/openapi.yaml: types, required members, enums, and that
 * no member is there that the document does not name. For tests: the daemon trusts its types.
 */
import type { JsonValue } from '../../machines/words.ts';
import type { Schema, TypeName } from './schema.ts';

export type Schemas = Readonly<Record<string, Schema>>;

/** Without references: what a name stands for, and all parts in one. */
export function resolved(schema: Schema, schemas: Schemas): Schema {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    const found = schemas[name];
    if (found === undefined) throw new Error(`the document has no ${schema.$ref}`);
    return resolved(found, schemas);
  }
  if (schema.allOf === undefined) return schema;
  const parts = schema.allOf.map((part) => resolved(part, schemas));
  return {
    type: 'object',
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required }) => required ?? []),
  };
}

export const typesOf = ({ type }: Schema): readonly TypeName[] =>
  type === undefined ? [] : typeof type === 'string' ? [type] : type;

function typeOfValue(value: JsonValue): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'boolean' : 'object';
}

/** One sentence for each way in which the value is not what the schema says. */
export function violations(
  value: JsonValue,
  given: Schema,
  schemas: Schemas,
  path = '$',
): readonly string[] {
  const schema = resolved(given, schemas);
  if (schema.anyOf !== undefined) {
    const tried = schema.anyOf.map((one) => violations(value, one, schemas, path));
    // Of what fits nothing, the part that comes nearest is named.
    return tried.toSorted((a, b) => a.length - b.length)[0] ?? [];
  }
  const types = typesOf(schema);
  const type = typeOfValue(value);
  if (types.length > 0 && !types.includes(type)) return [`${path} is ${type}, not ${types}`];
  if (schema.enum !== undefined && !schema.enum.some((one) => one === value))
    return [`${path} is ${JSON.stringify(value)}, not one of ${schema.enum}`];
  if (Array.isArray(value))
    return value.flatMap((item: JsonValue, at) =>
      violations(item, schema.items ?? {}, schemas, `${path}[${at}]`),
    );
  if (typeof value !== 'object' || value === null) return [];
  return members(Object.entries(value), schema, schemas, path);
}

function members(
  entries: readonly (readonly [string, JsonValue])[],
  schema: Schema,
  schemas: Schemas,
  path: string,
): readonly string[] {
  const { properties = {}, required = [], additionalProperties: extra } = schema;
  const names = new Set(entries.map(([name]) => name));
  const missing = required.filter((name) => !names.has(name));
  const found = entries.flatMap(([name, value]) => {
    const at = `${path}.${name}`;
    const known = properties[name] ?? (typeof extra === 'object' ? extra : undefined);
    if (known !== undefined) return violations(value, known, schemas, at);
    return extra === true ? [] : [`${at} is not in the document`];
  });
  return [...missing.map((name) => `${path}.${name} is missing`), ...found];
}
