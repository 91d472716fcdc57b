/** Names of runtimes: what resolves, to what, and what must never reach containerd. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasOptions, resolveRuntime } from './resolve.ts';

const settings = { execRoot: '/run/shiplog', cgroupDriver: 'cgroupfs' } as const;

for (const name of ['', 'runc', 'io.containerd.runc.v2']) {
  test(`"${name}" is runc under containerd's own shim`, () => {
    assert.deepEqual(resolveRuntime(name, settings), {
      name: name === '' ? 'runc' : name,
      shim: 'io.containerd.runc.v2',
      options: { binaryName: 'runc', root: '/run/shiplog/runtime-runc', systemdCgroup: false },
    });
  });
}

test('with the systemd driver the shim is told so', () => {
  const runtime = resolveRuntime('runc', { ...settings, cgroupDriver: 'systemd' });
  assert.equal(runtime?.options.systemdCgroup, true);
});

for (const name of ['a.b', 'a..', 'io.containerd.kata.v2']) {
  test(`"${name}" goes to containerd as it is, without options`, () => {
    const runtime = resolveRuntime(name, settings);
    assert.ok(runtime !== undefined);
    assert.equal(runtime.shim, name);
    assert.equal(hasOptions(runtime), false);
  });
}

for (const name of ['kata', '.hidden', '/usr/bin/shim', '../x.y', 'a/b.c']) {
  test(`"${name}" does not resolve`, () => {
    assert.equal(resolveRuntime(name, settings), undefined);
  });
}
