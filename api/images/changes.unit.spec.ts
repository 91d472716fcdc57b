/** What the lines of a Dockerfile make of an image's configuration. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed } from './changes.ts';

test('each instruction sets its field', () => {
  const lines = [
    'CMD ["sleep", "9"]',
    'entrypoint exec top -b',
    'ENV A=1 B="two words" C=back\\ slash',
    'ENV D the rest of it',
    "LABEL tier=web 'a b'=c",
    'EXPOSE 80 53/udp',
    'VOLUME /data /more',
    'VOLUME ["/with blank"]',
    'WORKDIR /srv',
    'WORKDIR app',
    'USER web:staff',
    'STOPSIGNAL SIGQUIT',
    'ONBUILD RUN true',
  ];
  assert.deepEqual(changed({}, lines), {
    Cmd: ['sleep', '9'],
    Entrypoint: ['/bin/sh', '-c', 'exec top -b'],
    Env: ['A=1', 'B=two words', 'C=back slash', 'D=the rest of it'],
    Labels: { tier: 'web', 'a b': 'c' },
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    Volumes: { '/data': {}, '/more': {}, '/with blank': {} },
    WorkingDir: '/srv/app',
    User: 'web:staff',
    StopSignal: 'SIGQUIT',
    OnBuild: ['RUN true'],
  });
});

test('what was there stays; a variable that is set again keeps its place', () => {
  const config = { Env: ['PATH=/bin', 'A=1'], User: 'web', Labels: { a: 'b' } };
  assert.deepEqual(changed(config, ['ENV PATH=/sbin', 'LABEL c=d']), {
    Env: ['PATH=/sbin', 'A=1'],
    User: 'web',
    Labels: { a: 'b', c: 'd' },
  });
});

test('a health check has its options and its form', () => {
  const check = (line: string) => changed({}, [`HEALTHCHECK ${line}`])['Healthcheck'];
  assert.deepEqual(check('NONE'), { Test: ['NONE'] });
  assert.deepEqual(check('--interval=1m30s --timeout=5s --retries=2 CMD curl x || exit 1'), {
    Test: ['CMD-SHELL', 'curl x || exit 1'],
    Interval: 90_000_000_000,
    Timeout: 5_000_000_000,
    Retries: 2,
  });
  assert.deepEqual(check('CMD ["true"]'), { Test: ['CMD', 'true'] });
});

for (const [line, text] of [
  ['RUN true', /RUN is not a valid change command/],
  ['FROM x', /FROM is not a valid change command/],
  ['CMD', /CMD requires at least one argument/],
  ['ENV A', /ENV must have two arguments/],
  ['LABEL a=b c', /can't find = in "c"/],
  ['ENV A="open', /unexpected end of statement/],
  ['EXPOSE web', /Invalid containerPort: web/],
  ['HEALTHCHECK --nap=3 CMD x', /invalid HEALTHCHECK option: --nap=3/],
  ['HEALTHCHECK RUN x', /Unknown type/],
] as const) {
  test(`${line} is refused`, () => assert.throws(() => changed({}, [line]), text));
}
