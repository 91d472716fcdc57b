/**
 * docker-compose 1.29 of Debian runs an application of three services on a network of its project:
 * health checks, who waits for whom, names between services, scaled up and down. Where the command
 * is absent the spec is skipped, and that is said.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { run, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

const found = spawnSync('docker-compose', ['version', '--short'], { encoding: 'utf8' });
const version = found.error === undefined ? found.stdout.trim() : '';
const skip = version.startsWith('1.') ? false : 'NOT TRIED WITH docker-compose 1: not installed';
if (skip !== false) process.stderr.write(`${skip}\n`);

/** The worker asks for names by busybox's own nslookup: a static one has no resolver of libc's. */
const PROJECT = `
version: "2.4"
services:
  cache:
    image: busybox
    command: sh -c 'mkdir /www; echo cached >/www/key; exec busybox httpd -f -p 6379 -h /www'
    networks: [back]
    healthcheck:
      { test: "wget -q -O /dev/null http://127.0.0.1:6379/key", interval: 300ms, retries: 60 }
  web:
    image: busybox
    command: sh -c 'mkdir /www; echo hello >/www/index.html; exec busybox httpd -f -p 80 -h /www'
    networks: [front, back]
    ports: ["127.0.0.1::80"]
    depends_on: { cache: { condition: service_healthy } }
    healthcheck:
      { test: "wget -q -O /dev/null http://127.0.0.1/", interval: 300ms, retries: 60 }
  worker:
    image: busybox
    command:
      - sh
      - -c
      - |
        while true; do
          cache=$$(busybox nslookup cache 127.0.0.11 | sed -n 's/^Address: //p' | tail -n 1)
          echo "got $$(wget -q -O - http://$$cache:6379/key)"
          sleep 1
        done
    networks: [back]
    stop_signal: SIGKILL
    depends_on: { web: { condition: service_healthy }, cache: { condition: service_healthy } }
networks:
  front: {}
  back: { internal: true }
`;

suite('docker-compose runs an application of three services', { skip, timeout: 300_000 }, () => {
  let daemon: TemporaryDaemon;
  const dir = mkdtempSync(join(tmpdir(), 'shiplog-compose-'));
  const file = join(dir, 'docker-compose.yml');

  before(async () => {
    writeFileSync(file, PROJECT);
    daemon = await startLoadedDaemon();
  });
  after(async () => {
    await finish(daemon);
    rmSync(dir, { recursive: true, force: true });
  });

  const compose = async (...args: readonly string[]): Promise<string> => {
    const env = { PATH: process.env['PATH'] ?? '', DOCKER_HOST: `unix://${daemon.socket}` };
    const asked = ['-f', file, '-p', 'app', ...args];
    return success(await run('docker-compose', asked, { env, timeoutMs: 120_000 }));
  };
  const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
  /** How many addresses a service has, as another one sees it. */
  const addressesOf = async (service: string, from: string): Promise<number> => {
    const { stdout } = await daemon.docker('exec', from, 'busybox', 'nslookup', service);
    const [, ...all] = stdout.match(/^Address/gm) ?? [];
    return all.length;
  };

  test('up: in the order of health, names lead from one to the other', async () => {
    await compose('up', '-d');
    for (const service of ['cache', 'web']) {
      const status = await docker('inspect', '-f', '{{.State.Health.Status}}', `app_${service}_1`);
      assert.equal(status, 'healthy', service);
    }
    const heard = async () =>
      (await compose('logs', '--no-color', 'worker')).includes('got cached');
    assert.ok(await within(30_000, heard), await compose('logs', '--no-color'));
    const [, port] = (await docker('port', 'app_web_1', '80')).split(':');
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal((await answer.text()).trim(), 'hello');
  });

  test('scaled up and down: the name of the service leads to as many as there are', async () => {
    await compose('up', '-d', '--scale', 'worker=3');
    assert.equal(await addressesOf('worker', 'app_cache_1'), 3);
    await compose('up', '-d', '--scale', 'worker=1');
    assert.equal(await addressesOf('worker', 'app_cache_1'), 1);
    assert.match(await compose('ps'), /app_web_1 .*Up \(healthy\)/);
  });

  test('down: containers and networks are gone', async () => {
    await compose('down', '-t', '0');
    assert.equal(await docker('ps', '-aq'), '');
    assert.doesNotMatch(await docker('network', 'ls'), /app_/);
  });
});
