/**
 * The reference page, written from the document: one page without scripts or anything to fetch,
 * that a browser shows. `generate.ts` writes it, the daemon serves it at /openapi.html.
 */
import type { ApiDocument, Operation, Parameter } from './document.ts';
import type { Schema } from './schema.ts';

const quoted = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const link = (name: string): string => `<a href="#schema-${name}">${name}</a>`;

/** A schema in one line; names lead to their own part of the page. */
function brief(schema: Schema): string {
  if (schema.$ref !== undefined) return link(schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1));
  if (schema.allOf !== undefined) return schema.allOf.map(brief).join(' and ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(brief).join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((one) => `<code>${one}</code>`).join(' | ');
  const types = [schema.type ?? 'anything'].flat().join(' or ');
  if (schema.items !== undefined) return `${types} of ${brief(schema.items)}`;
  const extra = schema.additionalProperties;
  return typeof extra === 'object' ? `${types} of ${brief(extra)}` : types;
}

const row = (...cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;

const table = (head: readonly string[], rows: readonly string[]): string =>
  rows.length === 0
    ? ''
    : `<table><tr>${head.map((one) => `<th>${one}</th>`).join('')}</tr>${rows.join('\n')}</table>`;

const parameter = ({ name, in: where, schema, description = '', required }: Parameter): string =>
  row(
    `<code>${name}</code>`,
    where,
    brief(schema),
    `${quoted(description)}${required ? ' *' : ''}`,
  );

function operation(method: string, path: string, one: Operation): string {
  const body = Object.entries(one.requestBody?.content ?? {}).map(([type, { schema }]) =>
    row('body', type, brief(schema ?? {}), ''),
  );
  const answers = Object.entries(one.responses).map(([status, { description, content }]) => {
    const [schema] = Object.values(content ?? {});
    return row(
      status,
      quoted(description),
      schema?.schema === undefined ? '' : brief(schema.schema),
    );
  });
  return [
    `<h2>${method.toUpperCase()} <code>${quoted(path)}</code></h2>`,
    `<p>${quoted(one.summary ?? '')}${one['x-unversioned'] ? ' (bare path only)' : ''}</p>`,
    table(['parameter', 'in', 'type', ''], [...(one.parameters ?? []).map(parameter), ...body]),
    table(['status', 'means', 'body'], answers),
  ].join('\n');
}

function schemaPart(name: string, schema: Schema): string {
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(([key, one]) =>
    row(
      `<code>${key}</code>`,
      brief(one),
      `${quoted(one.description ?? '')}${required.has(key) ? ' *' : ''}`,
    ),
  );
  const said = `<p>${quoted(schema.description ?? '')}</p>`;
  const shown = rows.length === 0 ? `<p>${brief(schema)}</p>` : table(['field', 'type', ''], rows);
  return `<h3 id="schema-${name}">${name}</h3>\n${said}\n${shown}`;
}

const STYLE =
  'body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}' +
  'table{border-collapse:collapse;margin:.5rem 0}td,th{border:1px solid #ccc;padding:.2rem .6rem;' +
  'text-align:left;vertical-align:top}h2{margin-top:2.5rem;font-size:1.1rem}';

export function referencePage({ paths, schemas }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, one]) => operation(method, path, one)),
  );
  return [
    '<!doctype html>',
    '<html lang="en"><meta charset="utf-8"><title>shiplog: API reference</title>',
    `<style>${STYLE}</style>`,
    '<h1>API reference</h1>',
    '<p>Written from <a href="/openapi.yaml">the OpenAPI document</a>. A path exists bare, which',
    'means the newest version, and below <code>/v1.24</code> to <code>/v1.55</code>. * is',
    'required.</p>',
    ...operations,
    '<h1>Schemas</h1>',
    ...Object.entries(schemas).map(([name, schema]) => schemaPart(name, schema)),
    '</html>',
    '',
  ].join('\n');
}
