import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familiar, normalise, parseReference } from './reference.ts';

const hex = 'a'.repeat(64);
const digest = `sha256:${hex}`;

test('a short name means the official image on Docker Hub, tagged latest', () => {
  assert.equal(normalise('busybox'), 'docker.io/library/busybox:latest');
  assert.equal(normalise('busybox:1.36'), 'docker.io/library/busybox:1.36');
  assert.equal(normalise('library/busybox'), 'docker.io/library/busybox:latest');
  assert.equal(normalise('someone/tool'), 'docker.io/someone/tool:latest');
});

test('a first part with a dot, a port or the name localhost is a host', () => {
  assert.equal(normalise('example.com/a/b'), 'example.com/a/b:latest');
  assert.equal(normalise('host:5000/a'), 'host:5000/a:latest');
  assert.equal(normalise('localhost/a:b'), 'localhost/a:b');
  assert.equal(normalise('Host/a'), 'Host/a:latest');
  assert.equal(normalise('[::1]:5000/a'), '[::1]:5000/a:latest');
  assert.equal(normalise('index.docker.io/busybox'), 'docker.io/library/busybox:latest');
});

test('a digest stands in for the tag, and may stand beside one', () => {
  assert.equal(normalise(`busybox@${digest}`), `docker.io/library/busybox@${digest}`);
  assert.equal(normalise(`busybox:1@${digest}`), `docker.io/library/busybox:1@${digest}`);
  assert.deepEqual(parseReference(`x.y/b:1@${digest}`), {
    domain: 'x.y',
    path: 'b',
    tag: '1',
    digest,
  });
});

test('absent parts are absent, not empty', () => {
  assert.deepEqual(parseReference('busybox'), { domain: 'docker.io', path: 'library/busybox' });
});

test('what is not a reference is refused', () => {
  const bad = [
    '',
    ':tag',
    'Busybox',
    'busybox:',
    'busybox:-x',
    `busybox:${'t'.repeat(129)}`,
    'a//b',
    '/a',
    'a/',
    'a..b',
    'a___b',
    '-a',
    'busybox@sha256:abc',
    `busybox@sha256:${'A'.repeat(64)}`,
    `busybox@`,
    hex,
    'x'.repeat(256),
    'a b',
    'busybox\n',
    'ho_st.x/a',
  ];
  for (const text of bad) assert.equal(normalise(text), undefined, JSON.stringify(text));
});

test('separators inside of a path component are those of the specification', () => {
  for (const text of ['a.b', 'a_b', 'a__b', 'a-b', 'a---b', '1']) {
    assert.equal(normalise(text), `docker.io/library/${text}:latest`);
  }
});

test('the familiar form drops what docker drops', () => {
  assert.equal(familiar('docker.io/library/busybox:latest'), 'busybox:latest');
  assert.equal(familiar('docker.io/someone/tool:1'), 'someone/tool:1');
  assert.equal(familiar('example.com/a:1'), 'example.com/a:1');
  assert.equal(familiar('docker.io/library/a/b:1'), 'library/a/b:1');
  assert.equal(familiar(digest), digest);
});

test('normalising twice changes nothing, and the familiar form means the same', () => {
  for (const text of ['busybox', 'a/b', 'x.y/z:1', `q@${digest}`, 'library/a/b']) {
    const full = normalise(text);
    assert.ok(full);
    assert.equal(normalise(full), full);
    assert.equal(normalise(familiar(full)), full);
  }
});
