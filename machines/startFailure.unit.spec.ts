/** Texts of failed starts, as runc and containerd word them, and the codes clients expect. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFailureCode, startFailureMessage } from './startFailure.ts';

const EXEC =
  'OCI runtime create failed: runc create failed: unable to start container process: exec';

const TEXTS: readonly (readonly [code: number, message: string])[] = [
  [127, `${EXEC}: "nope": executable file not found in $PATH: unknown`],
  [127, `${EXEC}: "/nope": stat /nope: no such file or directory: unknown`],
  [127, 'Failed to run runc create/exec call (/bin/sh): exit status 1'],
  [127, 'error mounting "/a" to rootfs at "/b": not a directory: unknown'],
  [126, `${EXEC}: "/etc/passwd": permission denied: unknown`],
  [126, `${EXEC}: "/etc": is a directory: unknown`],
  [128, 'Cannot mkdir: /etc/passwd is not a directory'],
  [128, 'unable to find user x: no matching entries in passwd file'],
  [128, ''],
];

for (const [code, message] of TEXTS) {
  test(`a start that fails with "${message.slice(-60)}" shows ${code}`, () => {
    assert.equal(startFailureCode(message), code);
    assert.equal(startFailureCode(startFailureMessage(message)), code);
  });
}

test('a directory as command is told as a lack of permission, which is what Docker says', () => {
  assert.equal(
    startFailureMessage('"/etc": is a directory'),
    '"/etc": is a directory: permission denied',
  );
});

test('a mount of the wrong type carries a hint, any other message stays as it is', () => {
  assert.match(startFailureMessage('x: not a directory'), /^x: not a directory: Are you trying/);
  for (const other of ['anything else', 'Cannot mkdir: /a is not a directory']) {
    assert.equal(startFailureMessage(other), other);
  }
});
