/** Why a container is as it is, in the words of the answer: one situation after the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller, JsonObject } from '../../machines/words.ts';
import { details } from '../testing/fakes.ts';
import type { WhyFact } from './ports.ts';
import { why } from './why.ts';

const ID = 'ab'.repeat(32);
const alice: Caller = { kind: 'unix', uid: 1000 };
const names = {
  user: (uid: number) => (uid === 1000 ? 'alice' : undefined),
  network: (id: string) => (id === 'n' ? 'back' : undefined),
};

/** Seconds after 10:00, stream, type, data, and who asked. */
type Said = readonly [seconds: number, type: string, data?: JsonObject, caller?: Caller];

const BEGIN = BigInt(Date.UTC(2026, 0, 1, 10)) * 1_000_000n;
const ns = (seconds: number): bigint => BEGIN + BigInt(seconds) * 1_000_000_000n;
const STREAMS: Readonly<Record<string, string>> = {
  container: `container/${ID}`,
  exec: `exec/${ID}/${'e'.repeat(64)}`,
  health: `health/${ID}/1`,
};

function told(phase: string, ...said: readonly Said[]) {
  const facts = said.map(([seconds, type, data = {}, caller = null], index): WhyFact => {
    const stream = STREAMS[type.split('.')[0] ?? ''] ?? '';
    const rest = { phase: '', effects: [], cause: {} };
    return { ...rest, position: index + 1, stream, type, data, caller, atNs: ns(seconds) };
  });
  return why(details({ id: ID, name: 'web', phase, run: 1 }), facts, [], names);
}
const answered = (...given: Parameters<typeof told>): string => told(...given).answer;

const created: Said = [0, 'container.create-requested', { name: 'web', config: { Image: 'i' } }];
const asked: Said = [1, 'container.start-requested', { run: 1, policy: false }, alice];
const ran: readonly Said[] = [created, asked, [2, 'container.started', { run: 1, atNs: null }]];
const exited = (seconds: number, code: number, more: JsonObject = {}): Said => [
  seconds,
  'container.exited',
  { run: 1, code, oomKilled: false, next: null, evidence: '', ...more },
];
const watched: Said = [
  2,
  'health.watched',
  { run: 1, check: { argv: ['/check', 'it all'], intervalMs: 5_000 } },
];
const probe = (seconds: number, passed: boolean, change: JsonObject): Said => [
  seconds,
  passed ? 'health.passed' : 'health.failed',
  { passed, exitCode: passed ? 0 : 7, atNs: String(ns(seconds)), ...change },
];

const failures: readonly (readonly [message: string, words: RegExp])[] = [
  [
    'Bind for 0.0.0.0:80 failed: port is already allocated',
    /^web has never run: alice .* 10:00:01 UTC, but another container has port 80 of this host/,
  ],
  [
    'failed to bind host port 127.0.0.1:80/tcp: address already in use',
    /but another program has port 80 of this host \(127\.0\.0\.1\)/,
  ],
  ['runc create failed: exec: "slep": executable file not found in $PATH', /no program "slep"/],
  ['exec: "/x": stat /x: no such file or directory', /no program "\/x"/],
  ['exec: "/etc": permission denied', /"\/etc" may not be executed/],
  ['exec /a: exec format error', /this host can not run its program/],
  ['unable to find user joe: no matching entries', /its image knows no user joe\. \(What/],
  ['mkdir /mnt: no such file or directory', /but that did not work: mkdir/],
];

for (const [message, words] of failures) {
  test(`a start that failed: ${message}`, () => {
    const failed: Said = [2, 'container.start-failed', { run: 1, message, exitCode: 128 }];
    const answer = answered('created.clean', created, asked, failed);
    assert.match(answer, words);
    assert.ok(answer.includes(message));
  });
}

test('a runtime that is gone: no run was begun, and who asked stands with the refusal', () => {
  const message = 'unknown or invalid runtime name: kata';
  const refused: Said = [90, 'container.start-refused', { message, exitCode: 128 }, alice];
  const answer = answered('exited.clean', ...ran, exited(5, 0), refused);
  assert.match(answer, /^web did not start again: alice .* 10:01:30 UTC, but its runtime kata is/);
});

test('a signal that somebody sent is the reason if it came to an end by it', () => {
  const kill = (signal: number): Said => [10, 'container.kill-requested', { signal }, alice];
  const end = (signal: number, ...exit: Parameters<typeof exited>) =>
    answered('exited.clean', ...ran, kill(signal), exited(...exit));
  assert.match(end(15, 11, 3), /exit code 3, because alice .* asked to kill it/);
  assert.match(end(9, 300, 137), /exit code 137, because alice/);
  assert.match(end(1, 300, 3), /^web ended by itself with exit code 3: that is an error of the/);
});

test('what ended by itself: by a signal of its own, or with the word of a shell', () => {
  const end = (code: number) => answered('exited.clean', ...ran, exited(9, code));
  assert.match(end(139), /exit code 139: that mostly means SIGSEGV, which came from the program/);
  assert.match(end(127), /exit code 127: a shell says so of a command that it does not find/);
  assert.match(end(0), /^web has done its work/);
});

test('what its restart policy does, when, and how often', () => {
  const policy = { inMs: 60_000, count: 3 };
  const waits = answered('restarting.waiting', ...ran, exited(5, 4, { next: policy }));
  assert.match(
    waits,
    /^web is down, .* policy \(no\) will start it again at .* 10:01:05 UTC, for the 3rd time\. web/,
  );
  const again: Said = [65, 'container.start-requested', { run: 2, policy: true }];
  const started: Said = [66, 'container.started', { run: 2, atNs: null }];
  const kill: Said = [4, 'container.kill-requested', { signal: 15 }, alice];
  const end = exited(5, 143, { next: policy });
  assert.match(
    answered('running', ...ran, kill, end, again, started),
    /started it again, for the 3rd time\. Before that: web ended with exit code 143, because alice/,
  );
});

test('how healthy one is that runs, since when, and what the last check said', () => {
  const sick = [
    probe(5, true, { before: 'starting', status: 'healthy' }),
    probe(10, false, { before: 'healthy', status: 'healthy', streak: 1 }),
    probe(15, false, { before: 'healthy', status: 'unhealthy', streak: 2 }),
  ];
  const at = (count: number) => told('running', ...ran, watched, ...sick.slice(0, count));
  assert.match(at(0).answer, /Whether it is healthy is not known yet/);
  assert.match(at(1).answer, /It has been healthy since 2026-01-01 10:00:05 UTC\.$/);
  assert.match(at(2).answer, /since .*10:00:05 UTC, but lately its health check failed once\.$/);
  assert.match(
    at(3).answer,
    /unhealthy since .*:15 UTC: .* failed 2 times .* at .*:15 UTC \(exit code 7\)\. What/,
  );
  assert.deepEqual(at(3).health, {
    status: 'unhealthy',
    since: '2026-01-01T10:00:15.000000000Z',
    streak: 2,
    probe: { position: 7, at: '2026-01-01T10:00:15.000000000Z', exitCode: 7 },
  });
  assert.match(
    answered('exited.clean', ...ran, watched, ...sick, exited(20, 1)),
    /ended by itself with exit code 1: .* It had been unhealthy since 2026-01-01 10:00:15 UTC\.$/,
  );
  assert.equal(told('running', ...ran).health, null);
});

test('the kernel took processes of one that runs on', () => {
  const killed: Said = [7, 'container.oom-killed', { run: 1, kills: 2 }];
  assert.match(
    answered('running', ...ran, killed),
    /The kernel has killed 2 of its processes for lack of memory, the last at .*10:00:07 UTC\.$/,
  );
});

test('one that is removed by force while it runs', () => {
  const remove: Said = [8, 'container.remove-requested', { reason: 'caller' }, alice];
  assert.equal(
    answered('removed', ...ran, remove, exited(9, 137)),
    'web is removed: alice (uid 1000) asked for it at 2026-01-01 10:00:08 UTC. ' +
      'It still ran, and was killed (exit code 137).',
  );
});

test('a state that passes tells who wanted it', () => {
  const stop: Said = [8, 'container.stop-requested', { signal: 15, timeoutMs: 10_000 }, alice];
  assert.match(
    answered('stopping', ...ran, stop),
    /^web is stopping: alice .* asked to stop it: SIGTERM, and .* 10 s, at .* 10:00:08 UTC\.$/,
  );
});

test('the chain tells of execs, health and networks, with the streams that they lie in', () => {
  const chain = told(
    'running',
    ...ran,
    watched,
    probe(3, false, { before: 'starting', status: 'unhealthy', streak: 1 }),
    [4, 'exec.created', { config: { Cmd: ['sh', '-c', 'exit 5'] } }, alice],
    [4, 'exec.started', { pid: 9 }],
    [5, 'exec.exited', { code: 5, oomKilled: false, evidence: '' }],
    [6, 'container.connected', { run: 1, network: 'n' }],
    [7, 'container.disconnect-failed', { run: 1, network: 'n', message: 'busy' }],
  ).chain.slice(3);
  assert.deepEqual(
    chain.map(({ sentence }) => sentence),
    [
      'its health is checked every 5 s: /check "it all"',
      'a health check failed (exit code 7), 1 in a row: it is unhealthy',
      'alice (uid 1000) asked to run sh -c "exit 5" in it (exec eeeeeeeeeeee)',
      'exec eeeeeeeeeeee ended: exit code 5',
      'it was connected to the network back',
      'it could not be disconnected from the network back: busy',
    ],
  );
  assert.deepEqual(
    chain.map(({ stream }) => stream.split('/')[0]),
    ['health', 'health', 'exec', 'exec', 'container', 'container'],
  );
});

test('many execs and checks do not push what happened to the container itself out', () => {
  const many = Array.from(
    { length: 90 },
    (_, at): Said => [3 + at, 'exec.exited', { code: 0, oomKilled: false, evidence: '' }],
  );
  const { chain } = told('running', ...ran, ...many);
  const facts = chain.map(({ fact }) => fact);
  assert.deepEqual(facts.slice(0, 3), [created[1], asked[1], 'container.started']);
  assert.equal(chain.length, 23);
});
