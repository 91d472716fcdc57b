/**
 * `GET /shiplog/v1/verify`: the whole record, checked while the daemon goes on. Lines of JSON: how
 * far it is, and at the end what was found. The status is 200 also for a log that is not whole.
 */
import { apiError } from '../errors.ts';
import type { NativeProgress } from '../openapi.gen.ts';
import { flag } from '../parameters.ts';
import type { Handler, Reply } from '../request.ts';
import type { Working } from './ports.ts';

/** `POSITION:HASH`; null: not given. @throws ApiError */
function expected(query: URLSearchParams) {
  const text = query.get('expect') ?? '';
  if (text === '') return null;
  const [, position, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (position === undefined || hash === undefined) {
    const message = `invalid value for "expect": "${text}" is not POSITION:HASH`;
    throw apiError('bad-parameter', { message });
  }
  return { position: Number(position), hash };
}

async function* lines(work: AsyncIterable<Working<object>>, of: number): AsyncGenerator<string> {
  for await (const said of work) {
    const line: NativeProgress | object =
      said.kind === 'progress' ? { ...said, of } : said.kind === 'failed' ? said : said.result;
    yield `${JSON.stringify(line)}\n`;
  }
}

/** The answer to whoever waits for long work. */
export function workReply(work: AsyncIterable<Working<object>>, of: number): Reply {
  const headers = { 'Content-Type': 'application/x-ndjson' };
  return { kind: 'stream', status: 200, headers, chunks: lines(work, of) };
}

/** The result says what it is of. */
export async function* named(
  kind: string,
  work: AsyncIterable<Working<object>>,
): AsyncGenerator<Working<object>> {
  for await (const said of work) {
    if (said.kind === 'done') yield { ...said, result: { kind, ...said.result } };
    else yield said;
  }
}

export const verify: Handler = ({ ports }, { query, signal }) => {
  const asked = { witness: expected(query), quick: flag(query, 'quick') };
  return workReply(named('verified', ports.native.verify(asked, signal)), ports.log.head());
};
