/** The page of all errors there are, written from the code that gives them. */
import { REFUSAL_EXAMPLES, REQUEST_EXAMPLES } from '../api/errors.examples.ts';
import { type ApiError, apiError, refusalError } from '../api/errors.ts';

const row = (kind: string, { status, message }: ApiError, when: string): string =>
  `| \`${kind}\` | ${status} | ${when} | ${message.replaceAll('|', '\\|')} |`;

const keysOf = <T extends object>(table: T): readonly (keyof T)[] =>
  Object.keys(table) as (keyof T)[];

function requestRow<K extends keyof typeof REQUEST_EXAMPLES>(kind: K): string {
  const [when, about] = REQUEST_EXAMPLES[kind];
  return row(kind, apiError(kind, about), when);
}

function refusalRow<K extends keyof typeof REFUSAL_EXAMPLES>(kind: K): string {
  const [when, refusal, command] = REFUSAL_EXAMPLES[kind];
  return row(kind, refusalError(refusal, { command, ref: 'web' }), when);
}

const HEAD = '| kind | status | when | text, by an example |\n| --- | --- | --- | --- |';

export function errorsPage(): string {
  return [
    '# Errors',
    '',
    'Generated from `api/errors.ts` and its examples by `npm run docs`; do not edit. These are all',
    'errors there are. The body of each is `{"message":"…"}`; below version 1.24 it is plain text.',
    'Texts are those that clients of Docker match on. The kind is what the journal says, and what',
    'a refused command leaves in the log.',
    '',
    '## What can be wrong with a request',
    '',
    HEAD,
    ...keysOf(REQUEST_EXAMPLES).map(requestRow),
    '',
    '## How a command can be refused, or fail',
    '',
    'All errors of `stop` and `restart` are 500 with a prefix, as at dockerd, but for `busy`,',
    '`runtime-away` and `actor-stopped`.',
    '',
    HEAD,
    ...keysOf(REFUSAL_EXAMPLES).map(refusalRow),
    '',
  ].join('\n');
}
