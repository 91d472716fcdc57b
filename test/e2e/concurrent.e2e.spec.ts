/** Many clients at once: every one gets its own answer, and exactly one wins where one can. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { finish, leftBehind, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const times = <T>(count: number, fn: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => fn(at));

const format = '{{.State.Status}} {{.State.ExitCode}}';

test('20 runs at once each give their own output and exit code', async () => {
  const runs = times(20, (at) =>
    daemon.docker('run', '--rm', 'busybox', 'sh', '-c', `echo number ${at}; exit ${at}`),
  );
  const expected = times(20, (at) => ({ code: at, stdout: `number ${at}\n`, stderr: '' }));
  assert.deepEqual(await Promise.all(runs), expected);
  assert.equal(success(await daemon.docker('ps', '-aq')), '');
  assert.deepEqual(await leftBehind(daemon), []);
});

test('of ten creates with one name at once, one wins', async () => {
  const answers = await Promise.all(
    times(10, () =>
      daemon.request('POST', '/containers/create?name=contested', { Image: 'busybox' }),
    ),
  );
  const statuses = answers.map(({ status }) => status).toSorted();
  assert.deepEqual(statuses, [201, ...times(9, () => 409)]);
  const winner = answers.find(({ status }) => status === 201)?.body ?? '{}';
  const holder = JSON.parse(winner).Id;
  for (const { status, body } of answers) {
    if (status === 409) assert.ok(body.includes(holder), body);
  }
  assert.equal(success(await daemon.docker('ps', '-aq', '--no-trunc')), holder);
  success(await daemon.docker('rm', 'contested'));
});

test('a name is free again at once after its container was removed', async () => {
  for (const _ of times(5, (at) => at)) {
    success(await daemon.docker('run', '-d', '--name', 'reused', 'busybox', 'sleep', '60'));
    success(await daemon.docker('rm', '-f', 'reused'));
  }
});

test('of six renames to one name at once, one wins, and names stay their own', async () => {
  const names = Array.from({ length: 6 }, (_, index) => `runner-${index}`);
  for (const name of names)
    success(await daemon.docker('create', '--name', name, 'busybox', 'true'));
  const rename = (from: string, to: string) =>
    daemon.request('POST', `/containers/${from}/rename?name=${to}`);
  const answers = await Promise.all(names.map((name) => rename(name, 'prize')));
  const statuses = answers.map(({ status }) => status).toSorted();
  assert.deepEqual(statuses, [204, 409, 409, 409, 409, 409]);
  const lost = answers.filter(({ status }) => status === 409);
  for (const { body } of lost) assert.match(body, /name \\"\/prize\\" is already in use by/);
  // Two that want each other's names: neither can have one that is still taken.
  const [one = '', two = ''] = names.filter((_, index) => answers[index]?.status === 409);
  await Promise.all([rename(one, two), rename(two, one)]);
  const listed = success(await daemon.docker('ps', '-a', '--format', '{{.Names}}')).split('\n');
  assert.equal(new Set(listed).size, listed.length);
  const kept = names.filter((_, index) => answers[index]?.status === 409);
  for (const name of ['prize', ...kept]) assert.ok(listed.includes(name), name);
  success(await daemon.docker('rm', 'prize', ...kept));
});

test('ten starts of one container at once open one run', async () => {
  success(await daemon.docker('create', '--name', 'once', 'busybox', 'sleep', '60'));
  const answers = await Promise.all(
    times(10, () => daemon.request('POST', '/containers/once/start')),
  );
  for (const { status, body } of answers) assert.ok(status === 204 || status === 304, body);
  assert.ok(answers.some(({ status }) => status === 204));
  const told = await daemon.docker('top', 'once');
  assert.ok(told.code === 0 || told.stderr !== '');
  assert.equal(success(await daemon.docker('inspect', '-f', format, 'once')), 'running 0');
});

test('stop, kill and rm -f at once leave one exit and no container', async () => {
  const since = (Date.now() / 1000).toFixed(3);
  const id = success(await daemon.docker('inspect', '-f', '{{.Id}}', 'once'));
  await Promise.all([
    daemon.docker('stop', '-t', '5', 'once'),
    daemon.docker('kill', 'once'),
    daemon.docker('kill', '-s', 'HUP', 'once'),
    daemon.docker('rm', '-f', 'once'),
    daemon.docker('restart', '-t', '0', 'once'),
  ]);
  await daemon.docker('rm', '-f', id);
  assert.equal(success(await daemon.docker('ps', '-aq')), '');
  const until = (Date.now() / 1000).toFixed(3);
  const span = ['--since', since, '--until', until, '--filter', `container=${id}`];
  const told = success(await daemon.docker('events', ...span, '--format', '{{.Action}}'));
  const actions = told.split('\n');
  const starts = actions.filter((action) => action === 'start').length;
  const dies = actions.filter((action) => action === 'die').length;
  assert.equal(dies, starts + 1, 'every run has one exit');
  assert.equal(actions.filter((action) => action === 'destroy').length, 1);
  assert.deepEqual(await leftBehind(daemon), []);
});

test('a container that writes flat out does not hold up the others', async () => {
  // Its log grows by 100 MB a second and more, so it ends by itself.
  const loud = ['busybox', 'timeout', '6', 'yes'];
  success(await daemon.docker('run', '-d', '--name', 'loud', ...loud));
  const began = performance.now();
  for (const _ of times(3, (at) => at)) {
    assert.equal(success(await daemon.docker('run', '--rm', 'busybox', 'echo', 'hi')), 'hi');
  }
  const took = performance.now() - began;
  success(await daemon.docker('rm', '-f', 'loud'));
  assert.ok(took < 9_000, `${took} ms`);
});

test('queries answer while containers come and go', async () => {
  const runs = times(8, () => daemon.docker('run', '--rm', 'busybox', 'true'));
  const slowest: number[] = [];
  for (const _ of times(20, (at) => at)) {
    const began = performance.now();
    assert.equal((await daemon.request('GET', '/containers/json?all=1')).status, 200);
    slowest.push(performance.now() - began);
  }
  for (const ran of await Promise.all(runs)) success(ran);
  assert.ok(Math.max(...slowest) < 2_000, `${Math.max(...slowest)} ms`);
});
