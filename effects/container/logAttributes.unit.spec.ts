import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainConfig, plainHostConfig } from '../spec/fixture.ts';
import { logAttributes } from './logAttributes.ts';

const ENVIRONMENT = ['PATH=/bin', 'E=1', 'F=x y&=,', 'GE=3'];

function attributes(Config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const subject = {
    id: '4ac669fc7321'.padEnd(64, '0'),
    name: 'web',
    image: { id: 'sha256:49105b56b674', chainId: '' },
    config: plainConfig({ Labels: { a: '1', bx: '2', c: '3' }, Cmd: ['echo', 'hi'] }),
    hostConfig: plainHostConfig({ LogConfig: { Type: 'json-file', Config } }),
  };
  return logAttributes(subject, ENVIRONMENT, 'the-host');
}

test('nothing is kept unless it is asked for', () => {
  assert.deepEqual(attributes({ 'max-size': '1k' }), {});
  assert.deepEqual(attributes({ tag: '', labels: '', env: '' }), {});
});

test('labels and variables are kept by their names, blanks and all', () => {
  assert.deepEqual(attributes({ labels: 'a,zz', env: 'E,F' }), { a: '1', E: '1', F: 'x y&=,' });
  assert.deepEqual(attributes({ labels: 'a, c', env: 'E, F' }), { a: '1', E: '1' });
});

test('labels and variables are kept by an expression', () => {
  const options = { 'labels-regex': '^(a|b)', 'env-regex': '^[EF]$' };
  assert.deepEqual(attributes(options), { a: '1', bx: '2', E: '1', F: 'x y&=,' });
  assert.throws(() => attributes({ 'env-regex': '(' }), /error parsing regexp/);
});

test('a tag has fields of the container', () => {
  const tag = '{{.Name}}/{{.ID}}/{{ .ImageName }}/{{.ImageID}}/{{.Command}}/{{.Hostname}}';
  assert.deepEqual(attributes({ tag }), {
    tag: 'web/4ac669fc7321/busybox/sha256:49105/echo hi/the-host',
  });
  assert.deepEqual(attributes({ tag: 'plain' }), { tag: 'plain' });
});

for (const [tag, text] of [
  [
    '{{.Nope}}',
    '1:2: executing "log-tag" at <.Nope>: can\'t evaluate field Nope in type *logger.Info',
  ],
  ['{{', '1: unclosed action'],
  ['{{.constructor}}', /can't evaluate field constructor/],
  ['{{json .}}', 'shiplog knows fields alone, and not "json ."'],
] as const) {
  test(`the tag ${tag} is refused`, () => {
    assert.throws(
      () => attributes({ tag }),
      (error: Error) =>
        error.message.startsWith('failed to initialize logging driver: template: log-tag:1') &&
        (typeof text === 'string' ? error.message.includes(text) : text.test(error.message)),
    );
  });
}
