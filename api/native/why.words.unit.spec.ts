/** The facts of a life as sentences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller, JsonObject } from '../../machines/words.ts';
import type { WhyFact } from './ports.ts';
import { sentence } from './why.words.ts';

const alice: Caller = { kind: 'unix', uid: 1000, executable: '/usr/bin/docker', pid: 7 };
const named = {
  user: (uid: number): string | undefined => (uid === 1000 ? 'alice' : undefined),
  network: (id: string): string | undefined => (id === 'n' ? 'back' : undefined),
};

function said(type: string, data: JsonObject, caller: Caller | null = alice): string {
  const rest = { position: 1, stream: 'container/x', phase: 'running', atNs: 1n, effects: [] };
  const fact: WhyFact = { ...rest, type: `container.${type}`, data, caller, cause: {} };
  return sentence(fact, named);
}

const BY = 'alice (uid 1000) with /usr/bin/docker, process 7';
const volume = (name: string): JsonObject => ({ type: 'volume', volume: { name, incarnation: 1 } });
const create = { name: 'web', config: { Image: 'busybox' } };

const ROWS: readonly (readonly [type: string, data: JsonObject, words: string])[] = [
  ['create-requested', create, `${BY} asked for the container web of busybox`],
  [
    'create-requested',
    { ...create, mounts: [volume('data'), { type: 'bind' }, volume('ab'.repeat(32))] },
    `${BY} asked for the container web of busybox with the volumes data, unnamed`,
  ],
  ['attachment-added', { attachment: { network: 'back' } }, `${BY} put it into the network back`],
  ['attachment-removed', { network: 'n', name: 'back' }, `${BY} took it out of the network back`],
  [
    'connect-requested',
    { run: 1, attachment: { network: 'n' }, endpoint: { name: 'back', network: 'n' } },
    `${BY} asked to connect it to the network back`,
  ],
  [
    'connect-failed',
    { network: 'gone', message: 'x' },
    'it could not be connected to the network gone: x',
  ],
  ['disconnected', { run: 1, network: 'n' }, 'it was disconnected from the network back'],
  ['update-requested', { run: 1 }, `${BY} asked to change its limits`],
  ['pause-failed', { run: 1, message: 'x' }, 'it could not be paused: x'],
  ['record-lost', { run: 1 }, "somebody deleted containerd's record of it; its process runs on"],
  ['removed', {}, 'it was removed'],
  ['removed', { volumes: [{ name: 'data' }] }, 'it was removed, and with it the volume data'],
];

for (const [type, data, words] of ROWS) {
  test(`${type}: ${words}`, () => assert.equal(said(type, data), words));
}

test('what has no words is named by what it is', () => {
  assert.equal(said('never-heard-of', {}), 'container: never heard of');
});
