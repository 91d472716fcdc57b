/**
 * Checks a value against a schema of a Swagger 2.0 document: type, required members, enum, `$ref`,
 * `allOf`, items and additional members. Members that the document does not name are reported, too.
 */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly (string | number | object)[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly 'x-nullable'?: boolean;
}

export interface Definitions {
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** Merges `$ref` and `allOf` into one schema. @throws if a reference leads nowhere */
export function resolve(schema: Schema, document: Definitions): Schema {
  const { $ref, allOf, ...own } = schema;
  const parts = [...($ref === undefined ? [] : [target($ref, document)]), ...(allOf ?? [])];
  let merged: Schema = own;
  for (const part of parts) merged = merge(resolve(part, document), merged);
  return merged;
}

function merge(base: Schema, more: Schema): Schema {
  return {
    ...base,
    ...more,
    properties: { ...base.properties, ...more.properties },
    required: [...(base.required ?? []), ...(more.required ?? [])],
  };
}

function target(ref: string, document: Definitions): Schema {
  const name = ref.replace('#/definitions/', '');
  const found = document.definitions[name];
  if (found === undefined) throw new Error(`the document has no ${ref}`);
  return found;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function fits(type: string, wanted: string | undefined): boolean {
  return wanted === undefined || type === wanted || (wanted === 'number' && type === 'integer');
}

/** One sentence for each way in which the value is not what the schema says; none if it is. */
export function deviations(
  value: unknown,
  given: Schema,
  document: Definitions,
  path = '$',
): readonly string[] {
  const schema = resolve(given, document);
  const type = typeOf(value);
  if (type === 'null') {
    return schema['x-nullable'] === true ? [] : [`${path} is null, not ${schema.type ?? 'object'}`];
  }
  if (!fits(type, schema.type)) return [`${path} is ${type}, not ${schema.type}`];
  const choices = schema.enum?.map((one) => JSON.stringify(one));
  if (choices?.includes(JSON.stringify(value)) === false)
    return [`${path} is ${JSON.stringify(value)}, not one of ${choices.join(' ')}`];
  if (Array.isArray(value)) {
    const { items = {} } = schema;
    return value.flatMap((item, at) => deviations(item, items, document, `${path}[${at}]`));
  }
  return type === 'object' ? membersOf(Object(value), schema, document, path) : [];
}

function membersOf(
  value: object,
  schema: Schema,
  document: Definitions,
  path: string,
): readonly string[] {
  const { properties = {}, required = [], additionalProperties } = schema;
  const missing = required.filter((name) => !Object.hasOwn(value, name));
  const open = Object.keys(properties).length === 0 && additionalProperties === undefined;
  const found = Object.entries(value).flatMap(([name, member]) => {
    const at = `${path}.${name}`;
    const known = properties[name];
    if (known !== undefined) return deviations(member, known, document, at);
    if (typeof additionalProperties === 'object')
      return deviations(member, additionalProperties, document, at);
    return open || additionalProperties === true ? [] : [`${at} is not in the document`];
  });
  return [...missing.map((name) => `${path}.${name} is missing`), ...found];
}
