/** `docker load`, `save`, `import`, `history`: archives of every form, byte for byte. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, afterEach, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { busyboxImage, tar } from '../../effects/images/archive.fixture.ts';
import { ociLayout } from '../../effects/images/layout.fixture.ts';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { held, NOTHING } from '../support/imageWorld.ts';
import { finish, removeAll, success } from '../support/loadedDaemon.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

let daemon: TemporaryDaemon;
before(async () => {
  daemon = await startTemporaryDaemon();
});
after(() => finish(daemon));
afterEach(async () => {
  await removeAll(daemon);
  success(await daemon.docker('image', 'prune', '-af'));
  assert.deepEqual(await held(daemon), NOTHING);
});

const load = (input: Buffer) => daemon.dockerWith({ input }, 'load');

/** Files of an archive by name. */
async function filesOf(archive: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const reader = extract();
  Readable.from([archive]).pipe(reader);
  for await (const entry of reader as AsyncIterable<
    AsyncIterable<Buffer> & { header: { name: string; type: string } }
  >) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk);
    if (entry.header.type === 'file') files.set(entry.header.name, Buffer.concat(chunks));
  }
  return files;
}

async function save(...names: readonly string[]): Promise<Buffer> {
  const path = join(daemon.dir, 'saved.tar');
  success(await daemon.docker('save', '-o', path, ...names));
  return readFileSync(path);
}

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
const sorted = (text: string): readonly string[] => text.split('\n').sort();

test('what is saved, loaded and saved again is the same archive, byte for byte', async () => {
  const one = await buildBusyboxImage({ repoTags: ['one:1', 'one:2', 'team/one:x'] });
  const two = await buildBusyboxImage({ repoTags: ['two:1'], files: { note: 'two' } });
  for (const { archive } of [one, two]) success(await load(archive));
  const first = await save('one', 'team/one:x', 'two:1');
  const files = await filesOf(first);
  const blobs = [...files].filter(([name]) => name.startsWith('blobs/sha256/'));
  for (const [name, data] of blobs) assert.equal(name, `blobs/sha256/${sha256(data)}`);
  // Two configs, two manifests, the shared layer once, the layer of the second.
  assert.equal(blobs.length, 6);
  const manifest = JSON.parse(String(files.get('manifest.json')));
  assert.deepEqual(
    manifest.map(({ RepoTags }: { RepoTags: string[] }) => RepoTags),
    [['one:1', 'one:2', 'team/one:x'], ['two:1']],
  );
  success(await daemon.docker('image', 'prune', '-af'));
  assert.deepEqual(await held(daemon), NOTHING);
  assert.deepEqual(
    sorted(success(await load(first))),
    ['one:1', 'one:2', 'team/one:x', 'two:1'].map((name) => `Loaded image: ${name}`),
  );
  assert.ok((await save('one', 'team/one:x', 'two:1')).equals(first));
});

test('an OCI layout is loaded with its own manifests, whatever packs its layers', async () => {
  const packings = ['none', 'gzip', 'zstd'] as const;
  const images = await Promise.all(
    packings.map(async (packing) => ({
      image: await busyboxImage(packing),
      name: `docker.io/library/${packing}:1`,
      packing,
    })),
  );
  const { entries, manifests } = ociLayout(images);
  const archive = await tar(entries);
  assert.deepEqual(sorted(success(await load(zstdCompressSync(archive)))), [
    'Loaded image: gzip:1',
    'Loaded image: none:1',
    'Loaded image: zstd:1',
  ]);
  const given = await filesOf(archive);
  const saved = await filesOf(await save('gzip:1', 'none:1', 'zstd:1'));
  for (const [name, data] of given) {
    if (name.startsWith('blobs/')) assert.ok(saved.get(name)?.equals(data), name);
  }
  for (const [index, packing] of packings.entries()) {
    const inspected = success(
      await daemon.docker('inspect', '-f', '{{index .RepoDigests 0}}', `${packing}:1`),
    );
    assert.equal(inspected, `${packing}@${manifests[index]}`);
    const note = ['run', '--rm', `${packing}:1`, 'busybox', 'cat', '/note'];
    assert.equal(success(await daemon.docker(...note)), packing);
  }
});

test('of an index for several platforms the one of this host is loaded', async () => {
  const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const image = await busyboxImage('mine');
  const { entries } = ociLayout([
    { image: await busyboxImage('theirs'), nested: 'n', architecture: 's390x', name: 'multi:1' },
    { image, nested: 'n', architecture: own, name: 'multi:1' },
  ]);
  assert.equal(success(await load(gzipSync(await tar(entries)))), 'Loaded image: multi:1');
  assert.equal(success(await daemon.docker('inspect', '-f', '{{.Id}}', 'multi:1')), image.id);
});

test('a layout that names nothing gives an image without a name', async () => {
  const image = await busyboxImage('nameless');
  const { entries } = ociLayout([{ image, ref: 'latest' }]);
  const said = success(await load(await tar(entries)));
  assert.equal(said, `Loaded image ID: ${image.id}`);
  const history = success(await daemon.docker('history', '-q', '--no-trunc', image.id));
  assert.equal(history, '', 'its maker wrote no history');
});

test('one bad byte anywhere refuses the whole archive, and nothing of it is kept', async () => {
  const images = [
    { image: await busyboxImage('good'), name: 'good:1' },
    { image: await busyboxImage('bad'), name: 'bad:1' },
  ];
  const { entries } = ociLayout(images);
  const blobs = entries.filter(({ name }) => name.startsWith('blobs/'));
  for (const { name } of blobs) {
    const broken = entries.map((entry) => {
      if (entry.name !== name) return entry;
      const data = Buffer.from(entry.data ?? '');
      data[data.length >> 1] = (data[data.length >> 1] ?? 0) ^ 1;
      return { ...entry, data };
    });
    const { code, stderr } = await load(await tar(broken));
    assert.equal(code, 1, name);
    assert.match(stderr, /digest mismatch/);
    assert.deepEqual(await held(daemon), NOTHING, name);
  }
  assert.equal(success(await daemon.docker('images', '-aq')), '');
});

test('import makes an image of a tar, with the changes that were asked for', async () => {
  const root = await tar([
    { name: 'bin/busybox', data: readFileSync('/bin/busybox'), mode: 0o755 },
    { name: 'hello', data: 'imported' },
  ]);
  const changes = ['CMD ["/bin/busybox", "cat", "/hello"]', 'ENV A="b c" D=e', 'LABEL x=y'].flatMap(
    (change) => ['-c', change],
  );
  for (const input of [root, gzipSync(root)]) {
    const args = ['import', ...changes, '-m', 'from a spec', '-', 'imported:1'];
    const id = success(await daemon.dockerWith({ input }, ...args));
    assert.match(id, /^sha256:[0-9a-f]{64}$/);
    assert.equal(success(await daemon.docker('run', '--rm', 'imported:1')), 'imported');
    const format = '{{.Id}} {{.Comment}} {{json .Config.Env}} {{json .Config.Labels}}';
    const said = success(await daemon.docker('inspect', '-f', format, 'imported:1'));
    assert.equal(said, `${id} from a spec ["A=b c","D=e"] {"x":"y"}`);
    const steps = success(await daemon.docker('history', '--format', '{{.Comment}}', 'imported:1'));
    assert.equal(steps, 'from a spec');
  }
  const bad = await daemon.dockerWith({ input: root }, 'import', '-c', 'RUN true', '-');
  assert.match(bad.stderr, /RUN is not a valid change command/);
  const none = await daemon.dockerWith({ input: 'no tar at all' }, 'import', '-');
  assert.equal(none.code, 1, none.stdout);
});

test('history tells each step with the size of its layer, as the image was made', async () => {
  const { archive, id } = await buildBusyboxImage({ files: { note: 'n'.repeat(50_000) } });
  success(await load(archive));
  const { body } = await daemon.request('GET', '/images/busybox/history');
  const steps: readonly { Id: string; Size: number; Tags: string[] | null }[] = JSON.parse(body);
  assert.deepEqual(
    steps.map(({ Id, Tags }) => [Id, Tags]),
    [
      [id, ['busybox:latest']],
      ['<missing>', null],
    ],
  );
  const [newest, oldest] = steps.map(({ Size }) => Size);
  assert.ok((newest ?? 0) >= 50_000 && (newest ?? 0) < 500_000, `${newest}`);
  assert.ok((oldest ?? 0) > 1_000_000, `${oldest}`);
});

test('lists are filtered and formed as the version of the client knows them', async () => {
  const { archive } = await buildBusyboxImage({ labels: { tier: 'web' } });
  success(await load(archive));
  const list = async (query: string, version = '') => {
    const { body } = await daemon.request('GET', `${version}/images/json?${query}`);
    return JSON.parse(body);
  };
  const by = (filters: object) => `filters=${encodeURIComponent(JSON.stringify(filters))}`;
  const count = async (filters: object) => (await list(by(filters))).length;
  assert.equal(await count({ label: ['tier=web'] }), 1);
  assert.equal(await count({ 'label!': ['tier=web'] }), 0);
  assert.equal(await count({ until: ['1h'] }), 1);
  assert.equal(await count({ until: ['2001-01-01T00:00:00'] }), 0);
  assert.equal(await count({ reference: ['busy*:latest'] }), 1);
  assert.equal(await count({ dangling: ['true'] }), 0);
  const [with_] = await list('manifests=1');
  assert.equal(with_.Manifests[0].Kind, 'image');
  const [old] = await list('manifests=1', '/v1.41');
  assert.deepEqual([old.Manifests, old.VirtualSize, old.Containers], [undefined, old.Size, -1]);
  const { status } = await daemon.request('GET', `/images/json?${by({ bogus: ['1'] })}`);
  assert.equal(status, 400);
});
