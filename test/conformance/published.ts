/**
 * The published Engine API definition beside our own: what of its routes, parameters and fields is
 * not in ours, and what in ours is not in it or of another type. Facts are compared, not copied.
 */
import type { ApiDocument, Operation } from '../../api/openapi/document.ts';
import type { Schema as OurSchema } from '../../api/openapi/schema.ts';
import { resolved, typesOf } from '../../api/openapi/validate.ts';
import { type Definitions, resolve, type Schema } from './schema.ts';

export interface PublishedParameter {
  readonly name: string;
  readonly in: string;
  readonly type?: string;
  readonly schema?: Schema;
}

export interface PublishedOperation {
  readonly parameters?: readonly PublishedParameter[];
  readonly responses: Readonly<Record<string, { readonly schema?: Schema } | undefined>>;
}

export interface Published extends Definitions {
  readonly paths: Readonly<Record<string, Readonly<Record<string, PublishedOperation>>>>;
}

const METHODS = ['get', 'head', 'post', 'put', 'delete'];

/** `GET /containers/json` and so on. */
export function routesOf(document: Published): readonly string[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** One sentence for each difference of the operation, beginning with its name. */
export function differences(
  name: string,
  ours: Operation,
  theirs: PublishedOperation,
  documents: { readonly ours: ApiDocument; readonly theirs: Published },
): readonly string[] {
  const found = [
    ...parameters(ours, theirs),
    ...body(ours, theirs, documents),
    ...answers(ours, theirs, documents),
  ];
  return found.map((sentence) => `${name}: ${sentence}`);
}

function parameters(ours: Operation, theirs: PublishedOperation): readonly string[] {
  const asked = (theirs.parameters ?? []).filter((one) => ['query', 'path'].includes(one.in));
  const known = ours.parameters ?? [];
  const lacking = asked
    .filter(({ name }) => !known.some((one) => one.name === name))
    .map(({ name }) => `parameter ${name} is not in ours`);
  const own = known
    .filter(({ name }) => !asked.some((one) => one.name === name))
    .map(({ name }) => `parameter ${name} is ours alone`);
  const other = known.flatMap(({ name, schema }) => {
    const type = asked.find((one) => one.name === name)?.type;
    const named = schema.$ref !== undefined || typesOf(schema).some((one) => one === type);
    return type === undefined || named ? [] : [`parameter ${name} is ${type} in theirs`];
  });
  return [...lacking, ...own, ...other];
}

function body(
  ours: Operation,
  theirs: PublishedOperation,
  documents: { readonly ours: ApiDocument; readonly theirs: Published },
): readonly string[] {
  const mine = ours.requestBody?.content['application/json']?.schema;
  const published = theirs.parameters?.find((one) => one.in === 'body')?.schema;
  if (mine === undefined || published === undefined) return [];
  return fields(mine, published, documents, 'body');
}

function answers(
  ours: Operation,
  theirs: PublishedOperation,
  documents: { readonly ours: ApiDocument; readonly theirs: Published },
): readonly string[] {
  return Object.entries(ours.responses).flatMap(([status, answer]) => {
    const mine = answer.content?.['application/json']?.schema;
    const published = theirs.responses[status]?.schema;
    if (mine === undefined || published === undefined || Number(status) >= 400) return [];
    return fields(mine, published, documents, '');
  });
}

function fields(
  ours: OurSchema,
  theirs: Schema,
  documents: { readonly ours: ApiDocument; readonly theirs: Published },
  path: string,
): readonly string[] {
  const left = resolved(ours, documents.ours.schemas);
  const right = resolve(theirs, documents.theirs);
  const types = typesOf(left).filter((type) => type !== 'null');
  const at = path === '' ? 'the body' : path;
  if (right.type !== undefined && types.length > 0 && !types.some((type) => type === right.type))
    return [`${at} is ${types}, and ${right.type} in theirs`];
  if (left.items !== undefined && right.items !== undefined)
    return fields(left.items, right.items, documents, `${path}[]`);
  if (left.properties === undefined || right.properties === undefined) return [];
  const known = right.properties;
  const lacking = Object.keys(known)
    .filter((name) => left.properties?.[name] === undefined)
    .map((name) => `${path}.${name} is not in ours`);
  const compared = Object.entries(left.properties).flatMap(([name, schema]) => {
    const counterpart = known[name];
    return counterpart === undefined
      ? [`${path}.${name} is ours alone`]
      : fields(schema, counterpart, documents, `${path}.${name}`);
  });
  return [...(left.additionalProperties === true ? [] : lacking), ...compared];
}
