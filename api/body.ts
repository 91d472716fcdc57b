/**
 * Request bodies. A JSON body is read whole, up to a limit, and brought into the form its schema in
 * api/openapi.yaml says (api/openapi/conform.ts); all that dockerd checks about it is checked here.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { JsonValue } from '../machines/words.ts';
import { apiError } from './errors.ts';
import { conform, NotConforming } from './openapi/conform.ts';
import type { RequestTypes } from './openapi.gen.ts';

export const BODY_LIMIT = 4 * 1024 * 1024;

/** All bytes of the body. @throws ApiError if there are more than `limit`. */
export async function readAll(body: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > limit) throw apiError('body-too-large', { limit });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Whether the head announces a body: with a length above zero, or in chunks. */
function announced(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? '0') > 0;
}

function checkType(headers: IncomingHttpHeaders): void {
  const given = headers['content-type'];
  if (given === undefined && !announced(headers)) return;
  const media = (given ?? '').split(';')[0] ?? '';
  if (media.trim().toLowerCase() !== 'application/json')
    throw apiError('bad-content-type', { given: given ?? '' });
}

/** End of the first JSON value of the text if more follows it, else undefined. */
function trailing(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index] ?? '';
    if (quoted) {
      if (sign === '\\') index += 1;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    if (depth === 0 && !quoted && /[}\]]/.test(sign)) return parses(text.slice(0, index + 1));
  }
  return false;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** An escape that may be half a character. */
const HALVES = /\\u[dD][89a-fA-F]/;

/** Half a character is no text and can not be kept: U+FFFD takes its place, as in Go. */
function whole(_: string, value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toWellFormed(), one]));
}

function parse(text: string): JsonValue {
  if (text.trim() === '') throw apiError('bad-json', { detail: 'the request body is empty' });
  try {
    return JSON.parse(text, HALVES.test(text) ? whole : undefined);
  } catch (error) {
    if (trailing(text)) throw apiError('trailing-json', {});
    throw apiError('bad-json', { detail: error instanceof Error ? error.message : String(error) });
  }
}

export interface JsonBody<T> {
  readonly value: T;
  /** Keys that the body really had at its top, in the schema's spelling. */
  readonly keys: readonly string[];
}

/** A JSON body by its schema. @throws ApiError */
export async function jsonBody<Name extends keyof RequestTypes>(
  name: Name,
  request: { readonly headers: IncomingHttpHeaders; readonly body: Readable },
  limit = BODY_LIMIT,
): Promise<JsonBody<RequestTypes[Name]>> {
  checkType(request.headers);
  const parsed = parse((await readAll(request.body, limit)).toString('utf8'));
  try {
    const value = conform(name, parsed);
    return { value, keys: Object.keys(value ?? {}) };
  } catch (error) {
    if (error instanceof NotConforming) throw apiError('bad-json', { detail: error.message });
    throw error;
  }
}

/** What `start` says to a body: a few bytes (`{}`, `null`) pass, anything longer or chunked not. */
export function refuseBody(headers: IncomingHttpHeaders): void {
  const length = Number(headers['content-length'] ?? '0');
  if (length > 7 || headers['transfer-encoding'] !== undefined)
    throw apiError('start-with-body', {});
}
