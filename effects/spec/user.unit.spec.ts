/** Who runs the process: names and numbers against the files of the root. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveUser, UnknownUser } from './user.ts';

const PASSWD = `# accounts
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65533:nobody:/:/bin/false

1000:x:2000:2000:a name that looks like a number:/:/bin/sh
app:x:1000:1001::/home/app:/bin/sh
`;
const GROUP = `root:x:0:
wheel:x:10:root,app
audio:x:29:app
apps:x:1001:
`;

const files: Readonly<Record<string, string>> = { '/etc/passwd': PASSWD, '/etc/group': GROUP };
const read = (path: string): Buffer | undefined => {
  const content = files[path];
  return content === undefined ? undefined : Buffer.from(content);
};
const nothing = (): undefined => undefined;

const FOUND: readonly (readonly [string, number, number, readonly number[]])[] = [
  ['', 0, 0, [0, 10]],
  ['root', 0, 0, [0, 10]],
  ['nobody', 65534, 65533, [65533]],
  ['app', 1000, 1001, [1001, 10, 29]],
  ['1000', 1000, 1001, [1001, 10, 29]],
  ['app:audio', 1000, 29, [29]],
  ['app:77', 1000, 77, [77]],
  ['4711', 4711, 0, [0]],
  ['4711:apps', 4711, 1001, [1001]],
];

for (const [wanted, uid, gid, additionalGids] of FOUND) {
  test(`user "${wanted}" is ${uid}:${gid} with the groups ${additionalGids.join(' ')}`, () => {
    assert.deepEqual(resolveUser(wanted, [], read), { uid, gid, additionalGids });
  });
}

test('added groups come after those of the user, each once', () => {
  assert.deepEqual(
    resolveUser('app', ['wheel', '4', 'apps'], read).additionalGids,
    [1001, 10, 29, 4],
  );
});

test('a root without account files knows numbers only', () => {
  assert.deepEqual(resolveUser('', [], nothing), { uid: 0, gid: 0, additionalGids: [0] });
  assert.deepEqual(resolveUser('5:6', [], nothing), { uid: 5, gid: 6, additionalGids: [6] });
  assert.throws(() => resolveUser('nobody', [], nothing), UnknownUser);
});

const MISSING: readonly (readonly [string, readonly string[], string])[] = [
  ['x', [], 'unable to find user x: no matching entries in passwd file'],
  ['app:y', [], 'unable to find group y: no matching entries in group file'],
  ['app', ['z'], 'unable to find group z: no matching entries in group file'],
  ['-1', [], 'uids and gids must be in range 0-2147483647'],
  ['2147483648', [], 'uids and gids must be in range 0-2147483647'],
];

for (const [wanted, groupAdd, message] of MISSING) {
  test(`user "${wanted}" with groups [${groupAdd.join()}] is refused: ${message}`, () => {
    assert.throws(() => resolveUser(wanted, groupAdd, read), { name: 'UnknownUser', message });
  });
}
