/**
 * Runtimes with arguments: what a container was started with stays with it through reloads and
 * restarts of the daemon, whatever its name means by then; the new meaning comes with its next
 * start. The runtime is Debian's runc with arguments of its own, so each use leaves a trace.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const file = join(daemon.dir, 'daemon.json');
const wrappers = join(daemon.dataRoot, 'runtimes');

const configure = (config: object): void => writeFileSync(file, JSON.stringify(config));

/** runc that writes what it does into `<dir>/<word>.log`. */
const traced = (word: string) => ({
  runtimes: {
    traced: {
      path: 'runc',
      runtimeArgs: ['--debug', '--log', join(daemon.dir, `${word} .log`)],
    },
  },
});

const trace = (word: string): string => {
  const path = join(daemon.dir, `${word} .log`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

interface Locked {
  readonly Name: string;
  readonly Wrapper: string;
  readonly WrapperDigest: string;
}

const digest = ({ WrapperDigest }: Locked): string => WrapperDigest.replace('sha256:', '');

async function locked(name: string): Promise<Locked> {
  const format = '{{json .Shiplog.Runtime}}';
  const said = success(await daemon.docker('inspect', '-f', format, name));
  return JSON.parse(said) as Locked;
}

const docker = async (...args: readonly string[]): Promise<string> =>
  success(await daemon.docker(...args)).trim();

const runTraced = (name: string) =>
  docker('run', '-d', '--name', name, '--runtime', 'traced', 'busybox', 'sleep', '1000');

test('a container outlives its runtime’s name, and is managed', async () => {
  configure(traced('first'));
  await daemon.restart();
  await runTraced('web');
  const first = await locked('web');
  assert.equal(first.Name, 'traced');
  assert.deepEqual(readdirSync(wrappers), [digest(first)]);
  assert.match(trace('first'), /level=debug/);

  configure({});
  await daemon.restart();
  assert.deepEqual(await locked('web'), first);
  assert.equal(await docker('exec', 'web', 'echo', 'still here'), 'still here');
  const before = await daemon.docker('run', '--runtime', 'traced', 'busybox', 'true');
  assert.match(before.stderr, /unknown or invalid runtime name: traced/);
  await docker('stop', '-t', '1', 'web');

  const gone = await daemon.docker('start', 'web');
  assert.match(gone.stderr, /unknown or invalid runtime name: traced/);

  configure(traced('second'));
  await daemon.restart();
  assert.equal(readdirSync(wrappers).includes(digest(first)), false, 'nobody needs it any more');
  await docker('start', 'web');
  const second = await locked('web');
  assert.notEqual(second.WrapperDigest, first.WrapperDigest);
  assert.equal(await docker('exec', 'web', 'echo', 'again'), 'again');
  await docker('rm', '-f', 'web');
  assert.match(trace('second'), /level=debug/);
});
