/** `docker tag`, `rmi`, `image prune`: who keeps an image; nothing of a lost one stays. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { held, NOTHING } from '../support/imageWorld.ts';
import { finish, loadImage, removeAll, success } from '../support/loadedDaemon.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

let daemon: TemporaryDaemon;
before(async () => {
  daemon = await startTemporaryDaemon();
});
after(() => finish(daemon));
afterEach(async () => {
  await removeAll(daemon);
  success(await docker('image', 'prune', '-af'));
  assert.deepEqual(await held(daemon), NOTHING, 'nothing is left in containerd');
});

const docker = (...args: readonly string[]) => daemon.docker(...args);
const short = (id: string): string => id.replace('sha256:', '').slice(0, 12);
const tags = async (): Promise<readonly string[]> =>
  success(await docker('images', '--format', '{{.Repository}}:{{.Tag}}'))
    .split('\n')
    .sort();

async function refused(text: RegExp, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await docker(...args);
  assert.equal(code, 1, stderr);
  assert.match(stderr, text);
}

test('references go one by one, and the image with the last', async () => {
  const id = await loadImage(daemon);
  success(await docker('tag', 'busybox', 'registry.example:5000/team/box:1'));
  success(await docker('tag', short(id), 'box'));
  assert.deepEqual(await tags(), [
    'box:latest',
    'busybox:latest',
    'registry.example:5000/team/box:1',
  ]);
  assert.equal(success(await docker('rmi', 'box')), 'Untagged: box:latest');
  const { records } = await held(daemon);
  const names = ['docker.io/library/busybox:latest', 'registry.example:5000/team/box:1', id];
  assert.deepEqual(records, names);
  await refused(/\(must be forced\) - image is referenced in multiple repositories$/m, 'rmi', id);
  assert.equal(
    success(await docker('rmi', '-f', id)),
    `Untagged: busybox:latest\nUntagged: registry.example:5000/team/box:1\nDeleted: ${id}`,
  );
  await refused(/No such image: busybox:latest/, 'rmi', 'busybox');
});

test('a stopped container keeps its image, but not by force; and starts all the same', async () => {
  const id = await loadImage(daemon);
  success(await docker('run', '--name', 'box', 'busybox', 'sh', '-c', 'echo kept >/kept'));
  const container = success(await docker('ps', '-aqf', 'name=box'));
  await refused(
    new RegExp(
      'conflict: unable to remove repository reference "busybox" \\(must force\\) - ' +
        `container ${container} is using its referenced image ${short(id)}`,
    ),
    ...['rmi', 'busybox'],
  );
  await refused(
    new RegExp(
      `conflict: unable to delete ${short(id)} \\(must be forced\\) - ` +
        `image is being used by stopped container ${container}`,
    ),
    ...['rmi', id],
  );
  assert.equal(
    success(await docker('rmi', '-f', 'busybox')),
    `Untagged: busybox:latest\nDeleted: ${id}`,
  );
  assert.deepEqual((await held(daemon)).content, [], 'its blobs are gone, its files are not');
  assert.equal(success(await docker('start', '-a', 'box')), '');
  assert.equal(success(await docker('inspect', '-f', '{{.Image}}', 'box')), id);
});

test('a running container keeps its image against force, and loses only its name', async () => {
  const id = await loadImage(daemon);
  success(await docker('run', '-d', '--name', 'box', 'busybox', 'sleep', '600'));
  const container = success(await docker('ps', '-aqf', 'name=box'));
  const text = `(cannot be forced) - image is being used by running container ${container}`;
  const { code, stderr } = await docker('rmi', '-f', id);
  assert.equal(code, 1);
  assert.ok(stderr.includes(`conflict: unable to delete ${short(id)} ${text}`), stderr);
  assert.equal(success(await docker('rmi', '-f', 'busybox')), 'Untagged: busybox:latest');
  assert.deepEqual(await tags(), ['<none>:<none>']);
  assert.equal(success(await docker('image', 'prune', '-f')), 'Total reclaimed space: 0B');
  success(await docker('run', '--rm', id, 'true'));
});

test('layers that another image has stay until it goes, too', async () => {
  await loadImage(daemon, { repoTags: ['base:1'] });
  await loadImage(daemon, { repoTags: ['top:1'], files: { note: 'hello' } });
  const both = await held(daemon);
  assert.equal(both.snapshots.length, 2, 'the shared layer is stored once');
  const answer = await daemon.request('GET', '/images/json?shared-size=1');
  const shared = JSON.parse(answer.body).map((one: { SharedSize: number }) => one.SharedSize);
  assert.ok(shared[0] > 1_000_000 && shared[0] === shared[1], `${shared}`);
  success(await docker('rmi', 'base:1'));
  assert.equal((await held(daemon)).snapshots.length, 2);
  assert.equal(success(await docker('run', '--rm', 'top:1', 'cat', '/note')), 'hello');
  success(await docker('rmi', 'top:1'));
});

test('prune takes what has no name, or all that no container uses, by its filters', async () => {
  const old = await loadImage(daemon, { labels: { tier: 'old' } });
  await loadImage(daemon, { labels: { tier: 'new' } });
  assert.deepEqual(await tags(), ['<none>:<none>', 'busybox:latest']);
  success(await docker('image', 'prune', '-f', '--filter', 'label=tier=new'));
  success(await docker('image', 'prune', '-f', '--filter', 'until=2001-01-01'));
  assert.deepEqual(await tags(), ['<none>:<none>', 'busybox:latest']);
  assert.match(success(await docker('image', 'prune', '-f')), new RegExp(`deleted: ${old}`));
  success(await docker('create', '--name', 'box', 'busybox'));
  assert.match(success(await docker('image', 'prune', '-af')), /reclaimed space: 0B/);
  success(await docker('rm', 'box'));
  const all = success(await docker('image', 'prune', '-af'));
  assert.match(
    all,
    /untagged: busybox:latest\ndeleted: sha256:[0-9a-f]{64}\n\s*Total reclaimed space: [\d.]+MB/,
  );
});

test('a create and a removal that meet do not both win', async () => {
  for (let round = 0; round < 5; round += 1) {
    await loadImage(daemon);
    const [removed, created] = await Promise.all([
      daemon.request('DELETE', '/images/busybox'),
      daemon.request('POST', '/containers/create', { Image: 'busybox', Cmd: ['true'] }),
    ]);
    const statuses = [removed.status, created.status];
    const fair = [
      [200, 404],
      [409, 201],
    ];
    assert.ok(
      fair.some((each) => each.join() === statuses.join()),
      `${statuses}: ${removed.body} ${created.body}`,
    );
    await removeAll(daemon);
  }
});

test('by digest a reference goes as by its tag', async () => {
  const id = await loadImage(daemon);
  const listed = success(await docker('images', '--digests', '--format', '{{.Digest}}'));
  success(await docker('run', '--rm', `busybox@${listed}`, 'true'));
  assert.match(success(await docker('rmi', `busybox@${listed}`)), new RegExp(`Deleted: ${id}`));
});

test('each step is an event', async () => {
  const since = Math.floor(Date.now() / 1000) - 1;
  const id = await loadImage(daemon, { labels: { tier: 'web', round: 'events' } });
  success(await docker('tag', 'busybox', 'other:2'));
  success(await docker('save', '-o', `${daemon.dir}/saved.tar`, 'busybox'));
  success(await docker('rmi', 'other:2', 'busybox'));
  success(await docker('image', 'prune', '-f'));
  const filters = JSON.stringify({ type: ['image'] });
  const until = Math.floor(Date.now() / 1000) + 1;
  const query = `since=${since}&until=${until}&filters=${encodeURIComponent(filters)}`;
  const { body } = await daemon.request('GET', `/v1.41/events?${query}`);
  const events = body
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const from = events.findIndex(({ Actor }) => Actor.Attributes.round === 'events');
  assert.deepEqual(
    events
      .slice(from)
      .map(({ Action, Actor: { ID, Attributes } }) => [
        Action,
        ID,
        Attributes.name ?? Attributes.reclaimed,
      ]),
    [
      ['load', id, id],
      ['tag', id, 'other:2'],
      ['save', id, id],
      ['untag', id, id],
      ['untag', id, id],
      ['delete', id, id],
      ['prune', '', '0'],
    ],
  );
});
