/**
 * docker-compose 1.29 of Debian, unmodified, which asks for the API versions of its age; services
 * without a network (composeNetworks has those with one). Where the command is absent the
 * specs are skipped, and that is said.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { run, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

const found = spawnSync('docker-compose', ['version', '--short'], { encoding: 'utf8' });
const installed = found.error === undefined ? found.stdout.trim() : '';
const skip = installed.startsWith('1.') ? false : 'NOT TRIED WITH docker-compose 1: not installed';
if (skip !== false) process.stderr.write(`${skip}\n`);

/**
 * Formats of its file, and the versions of the API that go with them. It has to be told: Debian's
 * docker-py takes the daemon's newest, whose events (from 1.52 on) have not the keys that it reads.
 */
const FORMATS = { '2.4': '1.35', '3.7': '1.38' };

const composeFile = (format: string): string => `
version: "${format}"
services:
  web:
    image: busybox
    command: sh -c 'echo web is up; trap "exit 0" TERM; while true; do sleep 0.1; done'
    network_mode: none
    labels: { tier: front }
    volumes: ["data:/data:ro"]
  once:
    image: busybox
    command: sh -c 'echo kept > /data/x; echo once; exit 3'
    network_mode: none
    volumes: ["data:/data"]
  still:
    image: busybox
    command: sh -c 'trap "exit 0" TERM; while true; do sleep 0.1; done'
    network_mode: none
volumes:
  data: {}
`;

suite('docker-compose 1.29 works', { skip, timeout: 480_000 }, () => {
  let daemon: TemporaryDaemon | undefined;
  const dir = mkdtempSync(join(tmpdir(), 'shiplog-compose-'));

  before(async () => {
    daemon = await startLoadedDaemon();
  });
  after(async () => {
    await daemon?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /**
   * As long as something else runs meanwhile, what is said after a restart is shown, too: told of
   * the start by an event, it attaches, and does not show what was said before that.
   */
  async function followsRestart(
    restart: () => Promise<string>,
    project: readonly string[],
    env: Record<string, string>,
  ) {
    const args = [...project, 'logs', '-f', '--no-color'];
    const follower = spawn('docker-compose', args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let seen = '';
    follower.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    const ended = once(follower, 'close');
    const says = ['exec', 'proj_web_1', 'sh', '-c', 'echo again > /proc/1/fd/1'];
    const again = async () => {
      await daemon?.docker(...says);
      return /web_1.*again/.test(seen);
    };
    try {
      assert.ok(await within(30_000, () => /web is up/.test(seen)), seen);
      await restart();
      assert.ok(await within(30_000, again), seen);
    } finally {
      follower.kill('SIGKILL');
      await ended;
    }
  }

  for (const [format, version] of Object.entries(FORMATS))
    test(`a project of format ${format}: up, ps, logs, stop, start, down`, async () => {
      const file = join(dir, `compose-${format}.yml`);
      writeFileSync(file, composeFile(format));
      const DOCKER_HOST = `unix://${daemon?.socket}`;
      const PATH = process.env['PATH'] ?? '';
      const env = { PATH, DOCKER_HOST, COMPOSE_API_VERSION: version };
      const project = ['-f', file, '-p', 'proj'];
      const compose = async (...args: string[]) =>
        success(await run('docker-compose', [...project, ...args], { env, timeoutMs: 60_000 }));
      await compose('up', '-d');
      assert.match(await compose('ps'), /proj_web_1 .* Up/);
      assert.match(await compose('ps', '-a'), /proj_once_1 .* Exit 3/);
      assert.match(await compose('logs', '--no-color'), /web_1 .*web is up/);
      assert.match(await compose('up', '-d'), /^$/);
      await followsRestart(() => compose('restart', '-t', '5', 'web'), project, env);
      await compose('stop', '-t', '5');
      assert.match(await compose('ps', '-a'), /proj_web_1 .* Exit 0/);
      await compose('start', 'web');
      assert.match(await compose('exec', '-T', 'web', 'echo', 'inside'), /inside/);
      assert.match(await compose('exec', '-T', 'web', 'cat', '/data/x'), /kept/);
      assert.match(await compose('run', '--rm', '-T', 'once', 'echo', 'for once'), /for once/);
      assert.match(await compose('top', 'web'), /sleep 0.1|sh -c/);
      await compose('pause', 'web');
      await compose('unpause', 'web');
      await compose('down', '-t', '5');
      const left = async (...args: string[]) =>
        success((await daemon?.docker(...args)) ?? failed());
      assert.equal(await left('ps', '-aq'), '');
      assert.equal(await left('volume', 'ls', '-q'), 'proj_data');
      await compose('down', '-v');
      assert.equal(await left('volume', 'ls', '-q'), '');
    });
});

function failed(): never {
  throw new Error('there is no daemon');
}
