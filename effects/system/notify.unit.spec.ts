/** The service manager hears what it is told, on a socket with a name of its own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { libcFunction } from './libc.ts';
import { notifyManager } from './notify.ts';

const dir = mkdtempSync(join(tmpdir(), 'shiplog-notify-'));
after(() => rmSync(dir, { recursive: true }));

const socket = libcFunction<(a: number, b: number, c: number) => number>(
  'int socket(int a, int b, int c)',
);
const bind = libcFunction<(fd: number, address: Buffer, size: number) => number>(
  'int bind(int fd, const void *address, unsigned int size)',
);
const recv = libcFunction<(fd: number, into: Buffer, length: number, flags: number) => number>(
  'long recv(int fd, _Out_ void *into, size_t length, int flags)',
);
const close = libcFunction<(fd: number) => number>('int close(int fd)');

for (const [what, where, path] of [
  ['a path', join(dir, 'notify'), `${join(dir, 'notify')}\0`],
  ['an abstract name', `@shiplog-notify-${process.pid}`, `\0shiplog-notify-${process.pid}`],
] as const) {
  test(`${what} is reached`, () => {
    const fd = socket(1, 2, 0);
    try {
      const family = new Uint8Array(new Uint16Array([1]).buffer);
      const address = Buffer.concat([family, Buffer.from(path)]);
      assert.equal(bind(fd, address, address.length), 0);
      notifyManager(where, ['READY=1', 'STATUS=all is well']);
      const into = Buffer.alloc(100);
      const length = Number(recv(fd, into, into.length, 0x40));
      assert.equal(into.subarray(0, length).toString(), 'READY=1\nSTATUS=all is well');
    } finally {
      close(fd);
    }
  });
}

test('nobody there is an error with its name', () => {
  assert.throws(() => notifyManager(join(dir, 'nobody'), ['READY=1']), { code: 'ENOENT' });
});
