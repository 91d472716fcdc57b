/**
 * docs/log-format.md is true: its example is recomputed, and an outsider's script verifies real
 * logs.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { appended, fact, freshLog, openTestLog, tamper, temporaryLog } from './log.fixture.ts';
import { secretDigest } from './secrets.ts';

const page = readFileSync(new URL('../docs/log-format.md', import.meta.url), 'utf8');
const script = fileURLToPath(new URL('../docs/verify-log.py', import.meta.url));
const noPython = spawnSync('python3', ['-c', 'import sqlite3']).status !== 0;

/** Content of the page's first block in a language. */
function block(language: string): string {
  const match = new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(page);
  return match?.[1] ?? assert.fail(`the page has no ${language} block`);
}

interface ExampleRow {
  readonly [column: string]: string | number;
  readonly hash: string;
}

/** In the order in which the page says they are hashed. */
const HASHED = [
  ...['position', 'stream', 'version', 'type', 'data', 'state', 'digest', 'effects', 'answers'],
  ...['claims', 'cause', 'caller', 'at_ns', 'revision'],
];

function netstrings(row: ExampleRow): string[] {
  return HASHED.map((column) => {
    const text = String(row[column]);
    return `${Buffer.byteLength(text)}:${text},`;
  });
}

function hashAfter(previousHex: string, row: ExampleRow): string {
  return createHash('sha256')
    .update('shiplog/1\n')
    .update(Buffer.from(previousHex, 'hex'))
    .update(netstrings(row).join(''))
    .digest('hex');
}

test('the example rows of the page have the hashes that the page says', () => {
  const rows: readonly ExampleRow[] = JSON.parse(block('json'));
  assert.equal(rows.length, 2);
  let previous = '0'.repeat(64);
  for (const row of rows) {
    assert.equal(hashAfter(previous, row), row.hash);
    previous = row.hash;
  }
});

test('the netstrings of the page are those of its second row', () => {
  const rows: readonly ExampleRow[] = JSON.parse(block('json'));
  const second = rows[1] ?? assert.fail('the page has no second row');
  assert.equal(block('text'), netstrings(second).join('\n'));
});

test('the store writes the example rows as the page shows them', async (t) => {
  const log = freshLog(t);
  appended(
    await log.append([
      fact('daemon', 0, { type: 'daemon.started', data: { pid: 7 }, digest: 'ab'.repeat(32) }),
      fact('container/9f', 0, {
        type: 'container.create-requested',
        data: { name: 'grüße' },
        state: 'creating',
        digest: 'cd'.repeat(32),
        effects: [{ type: 'timer', params: { key: 'create' }, key: 'create', ms: 60_000 }],
        take: [{ kind: 'name', key: 'grüße' }],
      }),
    ]),
  );
  const rows = log.reader
    .prepare(
      `SELECT f.position, s.name AS stream, f.version, type, data, state, f.digest, effects,
         answers, claims, cause, caller, CAST(at_ns AS TEXT) AS at_ns, f.revision,
         lower(hex(hash)) AS hash
       FROM facts f JOIN streams s ON s.id = f.stream ORDER BY f.position`,
    )
    .all();
  assert.deepEqual(JSON.parse(block('json')), rows, JSON.stringify(rows, null, 2));
});

/** Exit status and output of the outsider's script, given a log and a witness. */
function outsider(...given: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('python3', [script, ...given], {
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}`.trim() };
}

test('a witness that is half given is no answer about the log', { skip: noPython }, async (t) => {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  appended(await log.append([fact('a', 0)]));
  const { position, hash } = log.head();
  log.close();
  for (const wrong of [[], [path, '1'], [path, 'x', hash], [path, '1:'], [path, '1', hash, '2']]) {
    const { status, said } = outsider(...wrong);
    assert.deepEqual([status, /LOG\.DB \[POSITION:HASH\]/.test(said)], [2, true], said);
  }
  for (const right of [[`${position}:${hash}`], [String(position), hash]])
    assert.equal(outsider(path, ...right).status, 0);
  const forged = hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  assert.equal(outsider(path, `${position}:${forged}`).status, 1);
});

test('the page alone is enough to verify a log', { skip: noPython }, async (t) => {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  const claim = { kind: 'name', key: 'ü' };
  const effects = [
    { type: 'work', params: { é: [1, null] } },
    { type: 'cancel', params: {} },
  ];
  const secret = { salt: '0a0b', value: 'gehéim', digest: secretDigest('0a0b', 'gehéim') };
  appended(await log.append([fact('a', 0, { take: [claim], effects })], [secret]));
  appended(await log.append([fact('a', 1, { answers: ['1.0'], free: [claim], effects })]));
  appended(await log.append([fact('ö', 0, { take: [claim], effects })]));
  const { hash } = log.head();
  // Beside a running daemon, with everything still in the write-ahead file.
  assert.deepEqual(outsider(path), { status: 0, said: `whole: 3 facts, head ${hash}` });
  log.close();
  assert.equal(outsider(path, '3', hash).status, 0);
  assert.match(outsider(path, '4', hash).said, /broken: row 4: missing/);
  tamper(path, "UPDATE facts SET data = '{}' WHERE position = 2");
  assert.deepEqual(outsider(path), { status: 1, said: 'broken: row 2: hash' });
});
