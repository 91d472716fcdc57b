/**
 * Requests that are wrong in any way that chance comes by: the daemon goes on, says what is wrong
 * and never that it is itself, and holds nothing open for them afterwards. SHIPLOG_SEED repeats a
 * run, SHIPLOG_FUZZ says how many of each kind are sent.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { imageOf, oldLayout, tar } from '../../effects/images/archive.fixture.ts';
import { seedOfToday } from '../crash/seeded.ts';
import { type Case, KINDS, type Kind, type Material, makeCase } from '../fuzz/cases.ts';
import { complaint, play } from '../fuzz/play.ts';
import { Random } from '../sim/random.ts';
import { isAlive, within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { run } from '../support/temporaryDaemon.ts';

const daemon = await startLoadedDaemon();
after(async () => {
  // What chance has made besides containers.
  await daemon.docker('network', 'prune', '-f');
  await finish(daemon);
});

const seed = seedOfToday();
const rounds = Number(process.env['SHIPLOG_FUZZ'] ?? '25');
const AT_ONCE = 4;

const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
const stdioPid = (): number =>
  JSON.parse(readFileSync(join(daemon.execRoot, 'stdio', 'pid'), 'utf8')).pid;
const held = () => [daemon.pid(), stdioPid()].map(descriptors);

const files = await tar([
  { name: 'd/', type: 'directory', mode: 0o755 },
  { name: 'd/file', data: 'x'.repeat(3_000) },
  { name: 'd/link', type: 'symlink', linkname: 'file' },
  { name: 'd/hard', type: 'link', linkname: 'd/file' },
  { name: `${'long'.repeat(40)}/name`, data: 'y' },
]);
const archiveOf = (layer: Buffer): Promise<Buffer> =>
  tar(oldLayout([{ image: imageOf([layer]), tags: ['fuzz:1'] }]));

async function exec(): Promise<string> {
  const asked = { Cmd: ['true'], AttachStdout: true };
  const { status, body } = await daemon.request('POST', '/containers/box/exec', asked);
  assert.equal(status, 201, body);
  return JSON.parse(body).Id;
}

const material: Material = { exec, tars: [files, await archiveOf(files)], imageOf: archiveOf };

before(async () => {
  success(await daemon.docker('run', '-di', '--name', 'box', 'busybox', 'sleep', '1000'));
  for (const name of ['spare', 'renamed'])
    success(await daemon.docker('create', '--name', name, 'busybox', 'sleep', '1000'));
  // One thread that copies is kept from then on.
  success(await daemon.docker('cp', 'spare:/bin', '-'));
});

/** As much as a reader can do with. */
const shown = (bytes: Buffer | string): string =>
  JSON.stringify(bytes.slice(0, 400).toString('latin1'));

/** Resolves to what was wrong; throws when the daemon is no more. */
async function all(kind: Kind, random: Random): Promise<readonly string[]> {
  const found: string[] = [];
  for (let left = rounds; left > 0; left -= AT_ONCE) {
    const cases: Case[] = [];
    for (let index = 0; index < Math.min(left, AT_ONCE); index += 1)
      cases.push(await makeCase(random, kind, material));
    const played = await Promise.all(cases.map((one) => play(daemon.socket, one)));
    assert.ok(
      isAlive(daemon.pid()),
      `seed ${seed}: it died of ${cases.map(({ bytes }) => shown(bytes))}:
      ${daemon.output().slice(-2_000)}`,
    );
    cases.forEach((one, index) => {
      const seen = played[index];
      const wrong = seen === undefined ? undefined : complaint(one, seen);
      if (wrong !== undefined)
        found.push(
          `${wrong}: ${shown(one.bytes)}, ${one.then}\n  => ${shown(seen?.received ?? '')}`,
        );
    });
  }
  return found;
}

KINDS.forEach((kind, index) => {
  test(`${rounds} of kind ${kind} by seed ${seed} are told what is wrong`, async () => {
    const [pid, idle] = [daemon.pid(), held()];
    const found = await all(kind, new Random(seed * 100 + index));
    const few = found.slice(0, 5).join('\n');
    assert.equal(found.length, 0, `seed ${seed}, ${found.length} times:\n${few}`);
    assert.equal((await daemon.request('GET', '/_ping')).body, 'OK');
    assert.equal(daemon.pid(), pid);
    const back = () => held().every((now, at) => now <= (idle[at] ?? 0));
    assert.ok(await within(20_000, back), `seed ${seed}: ${held()} open, ${idle} before`);
    assert.doesNotMatch(daemon.output(), /unhandled|uncaught|stopped by a bug/i);
  });
});

const cut = files.subarray(0, files.length - 4_000);
const gone = gzipSync(files).subarray(0, 60);
const otherSum = Buffer.from(files);
otherSum[2] = 0x7f;

for (const [what, bytes, said] of [
  ['no tar', Buffer.alloc(2_000, 'no tar'), 'archive/tar: invalid tar header'],
  ['half a tar', cut, 'unexpected EOF'],
  ['half of a compressed tar', gone, 'unexpected EOF'],
  ['a header with a wrong sum', otherSum, 'archive/tar: invalid tar header'],
] as const) {
  test(`${what} is the sender's fault wherever it is sent to`, async () => {
    const layer = await archiveOf(bytes);
    const sent: readonly (readonly [string, string, Buffer])[] = [
      ['PUT', 'containers/spare/archive?path=/tmp', bytes],
      ['POST', 'images/load', bytes],
      ['POST', 'images/create?fromSrc=-', bytes],
      ['POST', 'images/load', layer],
    ];
    for (const [method, path, data] of sent) {
      const curl = ['-sS', '-m', '30', '--unix-socket', daemon.socket, '-X', method];
      const args = [...curl, '--data-binary', '@-', '-w', '%{http_code}', `http://x/${path}`];
      const { stdout } = await run('curl', args, { input: data });
      assert.match(stdout, new RegExp(`"message":"[^"]*${said}"}\\s*400$`), `${method} ${path}`);
    }
  });
}
