/** A spec of the user's own: what he says stands, and what shiplog puts in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customProcess, customSpec } from './custom.ts';
import { CONTAINER_ID, plainInput } from './fixture.ts';

const given = {
  ociVersion: '1.0.2',
  process: {
    args: ['x'],
    cwd: '/',
    rlimits: [{ type: 'RLIMIT_CORE', soft: 2 ** 63, hard: 2 ** 64 }],
  },
  root: { path: '/elsewhere', readonly: true },
  linux: {
    namespaces: [{ type: 'network' }, { type: 'pid' }, { type: 'ipc', path: '/proc/1/ns/ipc' }],
    resources: { pids: { limit: 5 }, memory: { limit: 7 } },
    cgroupsPath: '/theirs',
  },
};

function made(networkNamespace: string | null = null, hostConfig: object = {}) {
  const { container, host, deviceNumbers } = plainInput({}, { ...hostConfig });
  const parts = { rootPath: '/roots/c', env: ['A=1'], networkNamespace };
  return customSpec({ container, host, deviceNumbers, spec: given, ...parts });
}

test('root, environment and control group are put in, all else stands', () => {
  const { process, root, linux, ociVersion } = made();
  assert.deepEqual(root, { path: '/roots/c', readonly: true });
  assert.equal(ociVersion, '1.0.2');
  assert.deepEqual(Object(process).env, ['A=1']);
  assert.equal(Object(linux).cgroupsPath, `/shiplog/${CONTAINER_ID}`);
  assert.deepEqual(Object(linux).namespaces, given.linux.namespaces);
});

test('the network namespace that was made is that of a container which wants one', () => {
  const [network, ...others] = Object(made('/run/ns')['linux']).namespaces;
  assert.deepEqual(network, { type: 'network', path: '/run/ns' });
  assert.deepEqual(others, given.linux.namespaces.slice(1));
});

test('what an update has changed stands above the spec', () => {
  const { resources } = Object(made(null, { PidsLimit: 9 })['linux']);
  assert.deepEqual(resources, { pids: { limit: 9 }, memory: { limit: 7 } });
});

test('the highest numbers of 64 bits are whole again', () => {
  const [limit] = Object(made()['process']).rlimits;
  assert.deepEqual([limit.soft, limit.hard], [2n ** 63n - 1n, 2n ** 64n - 1n]);
});

test('a further process is that of the spec, but for what it says otherwise', () => {
  const process = customProcess(given, { args: ['y'], terminal: true });
  assert.deepEqual([process['args'], process['cwd'], process['terminal']], [['y'], '/', true]);
});
