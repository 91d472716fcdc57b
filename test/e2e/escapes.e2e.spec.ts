/**
 * Images and containers that lead elsewhere by links: whatever the daemon or the runtime does for
 * them, nothing of the host is read or written.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { finish, loadImage, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
/** What is to be reached by nobody. */
const place = fs.mkdtempSync(join(tmpdir(), 'shiplog-outside-'));
fs.writeFileSync(join(place, 'secret'), 'of the host');
after(async () => {
  await finish(daemon);
  fs.rmSync(place, { recursive: true });
});

const untouched = () => assert.deepEqual(fs.readdirSync(place), ['secret']);
const run = (image: string, ...flags: readonly string[]) =>
  daemon.docker('run', '--rm', '--network', 'none', ...flags.slice(0, -1), image, ...sh(flags));
const sh = (flags: readonly string[]) => ['sh', '-c', flags.at(-1) ?? ''];
const shown = async (...given: Parameters<typeof run>) => success(await run(...given));

const LINKS: readonly (readonly [kind: string, target: string])[] = [
  ['absolute', place],
  ['dotted', `../../../../../../../../..${place}`],
];

for (const [kind, target] of LINKS) {
  test(`a device, a tmpfs and a bind behind an ${kind} link stay in the root`, async () => {
    const image = `linked:${kind}`;
    await loadImage(daemon, { repoTags: [image], links: { away: target } });
    const device = ['--device', '/dev/null:/away/null'];
    assert.match(await shown(image, ...device, 'ls -l /away/null'), /^c/);
    untouched();
    assert.equal(
      await shown(image, '--tmpfs', '/away/t', 'echo x > /away/t/y; cat /away/t/y'),
      'x',
    );
    untouched();
    const bind = ['-v', '/usr/lib/os-release:/away/release:ro'];
    assert.match(
      await shown(image, ...bind, 'cat /away/release; cat /away/secret 2>&1; true'),
      /No such/,
    );
    untouched();
  });

  test(`a volume at an ${kind} link is not filled from the host`, async () => {
    const image = `linked:${kind}`;
    assert.equal(await shown(image, '-v', `v-${kind}:/away`, 'ls /away'), '');
    untouched();
  });

  test(`/dev and /dev/shm that are ${kind} links of the image lead nowhere`, async () => {
    for (const name of ['dev', 'dev/shm']) {
      const image = `${name.replace('/', '-')}:${kind}`;
      await loadImage(daemon, { repoTags: [image], links: { [name]: target } });
      for (const ipc of ['private', 'shareable']) {
        await run(image, '--ipc', ipc, 'echo x > /dev/shm/x; echo x > /dev/x');
        untouched();
      }
    }
  });
}

test('a part of a volume that a container swaps for a link stays in the volume', async () => {
  const swap = [
    'mkdir -p /v/real /v/part; ln -s $PLACE /v/link',
    'while [ ! -e /v/over ]; do mv /v/part /v/kept; mv /v/link /v/part',
    'mv /v/part /v/link; mv /v/kept /v/part; done',
  ].join('; ');
  const flags = ['-d', '--name', 'racer', '-v', 'raced:/v', '-e', `PLACE=${place}`];
  success(await daemon.docker('run', ...flags, 'busybox', ...sh([swap])));
  const part = 'type=volume,source=raced,target=/m,volume-subpath=part';
  for (let round = 0; round < 5; round += 1) {
    const { stdout } = await run('busybox', '--mount', part, 'ls /m; echo x > /m/x');
    assert.doesNotMatch(stdout, /secret/);
    untouched();
  }
  success(await daemon.docker('rm', '-f', 'racer'));
});
