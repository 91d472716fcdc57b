/** Claims that several streams hold a share of, against one that wants the whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appended, conflictOf, fact, freshLog } from './log.fixture.ts';

const whole = { kind: 'image', key: 'sha256:1' };
const share = (user: string) => ({ kind: 'image', key: `sha256:1 ${user}` });

test('shares of one key do not exclude each other, and are listed', async (t) => {
  const log = freshLog(t);
  appended(await log.append([fact('container/b', 0, { take: [share('b')] })]));
  appended(await log.append([fact('container/a', 0, { take: [share('a')] })]));
  appended(
    await log.append([fact('container/c', 0, { take: [{ kind: 'image', key: 'sha256:12 c' }] })]),
  );
  assert.deepEqual(log.sharers(whole), ['container/a', 'container/b']);
  assert.equal(log.holder(whole), undefined);
});

test('the whole and its shares that are held are listed, and no key beside them', async (t) => {
  const log = freshLog(t);
  const keys = ['sha256:1 b', 'sha256:1 a', 'sha256:1', 'sha256:1\t', 'sha256:1!', 'sha256:12 c'];
  const take = [...keys, 'sha256:'].map((key) => ({ kind: 'image', key }));
  appended(await log.append([fact('image/1', 0, { take })]));
  appended(await log.append([fact('other/1', 0, { take: [{ ...whole, kind: 'other' }] })]));
  const held = (key: string) => ({ key, holder: 'image/1' });
  const expected = [held('sha256:1'), held('sha256:1 a'), held('sha256:1 b')];
  assert.deepEqual(log.held(whole), expected);
  assert.deepEqual(log.held(share('a')), [held('sha256:1 a')]);
  const pending = log.append([fact('image/1', 1, { take: [share('c')] })]);
  assert.deepEqual(log.held(whole), [...expected, held('sha256:1 c')]);
  appended(await pending);
});

test('the whole is refused while another stream has a share, and free after it', async (t) => {
  const log = freshLog(t);
  appended(await log.append([fact('container/a', 0, { take: [share('a')] })]));
  const refused = await log.append([fact('image/1', 0, { take: [whole] })]);
  assert.deepEqual(conflictOf(refused), { kind: 'claim', claim: whole, holder: 'container/a' });
  appended(await log.append([fact('container/a', 1, { free: [share('a')] })]));
  appended(await log.append([fact('image/1', 0, { take: [whole] })]));
});

test('a share is refused while another stream has the whole', async (t) => {
  const log = freshLog(t);
  appended(await log.append([fact('image/1', 0, { take: [whole, share('own')] })]));
  const refused = await log.append([fact('container/a', 0, { take: [share('a')] })]);
  assert.deepEqual(conflictOf(refused), { kind: 'claim', claim: share('a'), holder: 'image/1' });
});

test('share and whole that are pending in one turn exclude each other, too', async (t) => {
  const log = freshLog(t);
  const [one, other] = await Promise.all([
    log.append([fact('container/a', 0, { take: [share('a')] })]),
    log.append([fact('image/1', 0, { take: [whole] })]),
  ]);
  assert.equal(one.ok, true);
  assert.equal(conflictOf(other).kind, 'claim');
});
