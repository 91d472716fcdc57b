/** Which calls the script answers itself, played with a shim that says its words. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { placeShimScript, programDirectory, SHIM } from './shimScript.ts';

/** `exit_status` is field 2, a varint: 137. */
const NOTHING_LEFT = '108901';
const CALL = ['-namespace', 'ns', '-address', '/a', '-publish-binary', '/c', '-id', 'c1'];

let dir: string;
let bundle: string;
let state: string;
beforeEach(async () => {
  // Whatever can be in a path.
  dir = mkdtempSync(join(tmpdir(), "shim 'script "));
  bundle = join(dir, 'bundle');
  state = join(dir, 'runc', 'ns', 'c1');
  mkdirSync(join(bundle, 'rootfs'), { recursive: true });
  options({ binary_name: 'runc', root: join(dir, 'runc') });
  const programs = join(dir, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, SHIM), '#!/bin/sh\nprintf "shim"; printf ",%s" "$@"\n');
  chmodSync(join(programs, SHIM), 0o755);
  await placeShimScript(
    join(dir, 'opt'),
    `relative:${programDirectory(join(dir, 'opt'))}:${programs}`,
  );
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function options(of: object): void {
  writeFileSync(join(bundle, 'options.json'), JSON.stringify(of));
}

function said(...words: readonly string[]): Buffer {
  const script = join(programDirectory(join(dir, 'opt')), SHIM);
  const { stdout, stderr, status } = spawnSync(script, words, { cwd: bundle });
  assert.deepEqual([status, stderr.toString()], [0, '']);
  return stdout;
}

const deletion = (): Buffer => said(...CALL, '-bundle', bundle, 'delete');
const handedOn = (): string => ['shim', ...CALL, '-bundle', bundle, 'delete'].join(',');

test('a deletion of what the runtime does not know is answered', () => {
  assert.equal(deletion().toString('hex'), NOTHING_LEFT);
  assert.equal(existsSync(state), false);
});

test('every other call goes to the shim as it is', () => {
  assert.equal(said(...CALL, 'start').toString(), ['shim', ...CALL, 'start'].join(','));
  assert.equal(said('-v').toString(), 'shim,-v');
  assert.equal(said('-id', 'a b', 'start').toString(), 'shim,-id,a b,start');
  assert.equal(said('-id', 'delete', 'start').toString(), 'shim,-id,delete,start');
});

test('a deletion with state of the runtime goes to the shim', () => {
  mkdirSync(state, { recursive: true });
  assert.equal(deletion().toString(), handedOn());
});

for (const [what, leave] of [
  ['a file', (path: string) => writeFileSync(path, '')],
  ['a link to nowhere', (path: string) => symlinkSync('nowhere', path)],
] as const) {
  for (const name of ['bin', '.bin']) {
    test(`a deletion with ${what} ${name} in the bundle's root goes to the shim`, () => {
      leave(join(bundle, 'rootfs', name));
      assert.equal(deletion().toString(), handedOn());
    });
  }
}

test('a deletion goes to the shim where it can not be told what the runtime knows', () => {
  for (const of of [
    { binary_name: 'runc' },
    { root: '' },
    { root: 'relative' },
    { root: '/a\\b' },
  ]) {
    options(of);
    assert.equal(deletion().toString(), handedOn());
  }
  rmSync(join(bundle, 'options.json'));
  assert.equal(deletion().toString(), handedOn());
  assert.equal(said('-id', 'c1', 'delete').toString(), 'shim,-id,c1,delete');
  assert.equal(said('delete').toString(), 'shim,delete');
});

test('without a shim on the path there is no script', async () => {
  await placeShimScript(join(dir, 'opt'), join(dir, 'nowhere'));
  assert.equal(existsSync(join(programDirectory(join(dir, 'opt')), SHIM)), false);
});
