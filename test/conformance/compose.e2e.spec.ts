/**
 * docker-compose 1.29 of Debian, unmodified, which asks for the API versions of its age; services
 * without a network (composeNetworks has those with one). Where the command is absent the
 * specs are skipped, and that is said.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { run, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

const found = spawnSync('docker-compose', ['version', '--short'], { encoding: 'utf8' });
const version = found.error === undefined ? found.stdout.trim() : '';
const skip = version.startsWith('1.') ? false : 'NOT TRIED WITH docker-compose 1: not installed';
if (skip !== false) process.stderr.write(`${skip}\n`);

/** Formats of its file, which ask for version 1.35 and 1.38 of the API. */
const FORMATS = ['2.4', '3.7'];

const project = (format: string): string => `
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

  for (const format of FORMATS)
    test(`a project of format ${format}: up, ps, logs, stop, start, down`, async () => {
      const file = join(dir, `compose-${format}.yml`);
      writeFileSync(file, project(format));
      const compose = async (...args: string[]) =>
        success(
          await run('docker-compose', ['-f', file, '-p', 'proj', ...args], {
            env: { PATH: process.env['PATH'] ?? '', DOCKER_HOST: `unix://${daemon?.socket}` },
            timeoutMs: 60_000,
          }),
        );
      await compose('up', '-d');
      assert.match(await compose('ps'), /proj_web_1 .* Up/);
      assert.match(await compose('ps', '-a'), /proj_once_1 .* Exit 3/);
      assert.match(await compose('logs', '--no-color'), /web_1 .*web is up/);
      assert.match(await compose('up', '-d'), /^$/);
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
