/**
 * A data root whose disk is full: what would fill it more is refused in words, what ends things
 * gets through, the daemon can be started again, and with space all is as before.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertLogSound } from '../crash/invariants.ts';
import { within } from '../support/leftovers.ts';
import { loadImage, success } from '../support/loadedDaemon.ts';
import { type SmallDisk, smallDisk } from '../support/smallDisk.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

let daemon: TemporaryDaemon;
let disk: SmallDisk;
const ENOUGH = 400;

before(async () => {
  const prepare = async (dataRoot: string) => {
    disk = smallDisk(dataRoot, 64);
  };
  daemon = await startTemporaryDaemon({ prepare });
  await loadImage(daemon);
  for (const name of ['kept', 'ends', 'killed', 'removed']) {
    const command = ['busybox', 'sh', '-c', 'while [ ! -e /gate ]; do usleep 50000; done; exit 9'];
    success(await daemon.docker('run', '-d', '--network=none', '--name', name, ...command));
  }
});

after(async () => {
  disk.free();
  success(await daemon.docker('rm', '-f', ...(await names())));
  await daemon.terminate();
  disk.unmount();
  await daemon.stop();
});

async function names(): Promise<readonly string[]> {
  const listed = success(await daemon.docker('ps', '-a', '--format', '{{.Names}}'));
  return listed.split('\n').filter(Boolean).sort();
}

async function status(name: string): Promise<{ Status: string; ExitCode: number; Pid: number }> {
  return JSON.parse((await daemon.request('GET', `/containers/${name}/json`)).body).State;
}

/** Until the log itself has no room left: what it has in its write-ahead file is used up first. */
async function renameUntilRefused(): Promise<string> {
  let [name = ''] = (await names()).filter((one) => one.startsWith('kept'));
  for (let count = 0; count < ENOUGH; count += 1) {
    const other = name === 'kept' ? 'kept2' : 'kept';
    const answer = await daemon.request('POST', `/containers/${name}/rename?name=${other}`);
    if (answer.status >= 400) return answer.body;
    name = other;
  }
  return assert.fail('nothing was refused on a full disk');
}

test('what fills the disk is refused in words, and nothing of it is there', async () => {
  disk.fill();
  assert.match(await renameUntilRefused(), /full/);
  const created = await daemon.docker('create', '--name', 'new', 'busybox', 'true');
  assert.notEqual(created.code, 0);
  assert.match(created.stderr, /full|no space/i);
  assert.equal((await names()).includes('new'), false);
});

test('a stop, a kill, a removal and an exit get through', async () => {
  const [kept = ''] = (await names()).filter((name) => name.startsWith('kept'));
  success(await daemon.docker('stop', '-t', '0', kept));
  success(await daemon.docker('kill', 'killed'));
  success(await daemon.docker('rm', '-f', 'removed'));
  process.kill((await status('ends')).Pid, 'SIGKILL');
  const ended = () => status('ends').then(({ Status }) => Status === 'exited');
  assert.ok(await within(15_000, ended));
  assert.equal((await status('ends')).ExitCode, 137);
  assert.equal((await names()).includes('removed'), false);
});

test('the daemon is killed on a full disk, starts again, and lets a removal through', async () => {
  disk.free();
  const reserve = join(daemon.dataRoot, 'reserve');
  assert.ok(await within(20_000, () => existsSync(reserve)), 'the reserve is not made again');
  disk.fill();
  await daemon.kill9();
  await daemon.restart();
  assert.equal((await names()).length, 3);
  assert.match(await renameUntilRefused(), /full/);
  success(await daemon.docker('rm', 'killed'));
  assert.equal((await names()).includes('killed'), false);
});

test('with space again all goes on, and the log is sound', async () => {
  disk.free();
  success(await daemon.docker('run', '--rm', '--network=none', 'busybox', 'true'));
  assertLogSound(daemon);
});
