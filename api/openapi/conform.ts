/**
 * Brings a JSON value into the form its schema names, the way Engine clients expect it of a server:
 * keys match without regard to case and get their own spelling, unknown keys are dropped, `null`
 * for a plain field counts as absent. A value of the wrong type is an error that names the field.
 */
import type { JsonValue } from '../../machines/words.ts';
import { type RequestTypes, requestSchemas } from '../openapi.gen.ts';
import type { Schema, TypeName } from './schema.ts';

export class NotConforming extends Error {
  /** @param field e.g. `HostConfig.Memory`. */
  constructor(field: string, expected: string) {
    super(`${field === '' ? 'the body' : `field ${field}`} must be ${expected}`);
    this.name = 'NotConforming';
  }
}

const isRequestName = (name: string): name is keyof RequestTypes => name in requestSchemas;

/** A schema without references: types, properties and items in one record. */
function resolve(schema: Schema): Schema {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    return isRequestName(name) ? resolve(requestSchemas[name]) : {};
  }
  if (schema.allOf === undefined) return schema;
  const parts = schema.allOf.map(resolve);
  const properties = Object.assign({}, ...parts.map((part) => part.properties ?? {}));
  return { type: 'object', properties };
}

function typeNameOf(value: JsonValue): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'boolean' : 'object';
}

function members(schema: Schema, value: { readonly [key: string]: JsonValue }, field: string) {
  const { properties, additionalProperties: extra } = schema;
  const spelling = new Map(Object.keys(properties ?? {}).map((key) => [key.toLowerCase(), key]));
  const result: Record<string, JsonValue> = {};
  for (const [given, member] of Object.entries(value)) {
    const key = properties === undefined ? given : spelling.get(given.toLowerCase());
    const inner = properties === undefined ? extra : properties[key ?? ''];
    if (key === undefined || inner === undefined || inner === false) continue;
    const path = field === '' ? key : `${field}.${key}`;
    const conformed = inner === true ? member : convert(inner, member, path);
    // defineProperty: a key such as `__proto__` is data here, too.
    if (conformed !== undefined)
      Object.defineProperty(result, key, {
        value: conformed,
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return result;
}

function convert(given: Schema, value: JsonValue, field: string): JsonValue | undefined {
  const schema = resolve(given);
  const allowed: readonly TypeName[] =
    schema.type === undefined
      ? []
      : typeof schema.type === 'string'
        ? [schema.type]
        : [...schema.type];
  const actual = typeNameOf(value);
  if (allowed.length === 0) return value;
  if (actual === 'null') return allowed.includes('null') ? null : undefined;
  if (actual === 'string' && schema['x-accepts-string'] === true) return [value];
  if (!allowed.includes(actual) && !(actual === 'integer' && allowed.includes('number')))
    throw new NotConforming(field, allowed.filter((name) => name !== 'null').join(' or '));
  if (Array.isArray(value))
    return value.map((item, index) => element(schema.items ?? {}, item, `${field}[${index}]`));
  if (typeof value === 'object' && value !== null && !isList(value))
    return members(schema, value, field);
  return value;
}

function element(schema: Schema, value: JsonValue, field: string): JsonValue {
  const converted = convert(schema, value, field);
  if (converted === undefined) throw new NotConforming(field, 'set');
  return converted;
}

const isList = (value: object): value is readonly JsonValue[] => Array.isArray(value);

/**
 * The value as its type says. The predicate is true by what `convert` has just checked.
 * @throws NotConforming
 */
export function conform<Name extends keyof RequestTypes>(
  name: Name,
  value: JsonValue,
): RequestTypes[Name] {
  const converted: unknown = convert(requestSchemas[name], value, '') ?? {};
  if (isOfType(name, converted)) return converted;
  throw new NotConforming('', 'an object');
}

function isOfType<Name extends keyof RequestTypes>(
  name: Name,
  value: unknown,
): value is RequestTypes[Name] {
  const nullable = resolve(requestSchemas[name]).type?.includes('null') ?? false;
  return (value === null && nullable) || typeof value === 'object';
}
