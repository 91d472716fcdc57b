/**
 * Holds an answer against api/openapi.yaml: the status must be documented for the route, and a body
 * of JSON must be what the schema says. Tests ask through this, so no answer of theirs escapes it.
 */
import type { JsonValue } from '../../machines/words.ts';
import { type ApiDocument, readDocument, schemaOf } from '../openapi/document.ts';
import { violations } from '../openapi/validate.ts';
import { createRouter, documentedPath } from '../router.ts';
import { servedRoutes } from '../server.ts';

let document: ApiDocument | undefined;
const router = createRouter(servedRoutes);

export interface Asked {
  readonly method: string;
  /** With its version and its query. */
  readonly path: string;
}

export interface Answered {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** Any route can meet these: versions, bodies without end, a daemon that is not ready, a bug. */
const ANYWHERE = ['400', '413', '500', '503'];

/** Sentences; none for an answer that keeps the contract, or a route that is not in it. */
export function breaches(asked: Asked, { status, contentType, body }: Answered): readonly string[] {
  const match = router.match(asked.method, asked.path.split('?')[0] ?? '');
  if (match === undefined) return [];
  document ??= readDocument();
  const path = documentedPath(match.route);
  const operation = document.paths[path]?.[asked.method.toLowerCase()];
  if (operation === undefined) return [`${asked.method} ${path} is not in the document`];
  const answer = operation.responses[String(status)];
  if (answer === undefined)
    return ANYWHERE.includes(String(status)) ? [] : [`${asked.method} ${path}: no ${status}`];
  if (contentType !== 'application/json' || body === '') return [];
  const schema = schemaOf(answer);
  if (schema === undefined) return [];
  const { schemas } = document;
  return body
    .trim()
    .split(/\r?\n/)
    .flatMap((line) => violations(JSON.parse(line) as JsonValue, schema, schemas));
}
