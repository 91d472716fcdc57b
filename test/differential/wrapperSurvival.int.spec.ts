/**
 * What test/e2e/runtimes.e2e.spec.ts shows of shiplog, on a real dockerd with live-restore: it
 * takes the scripts of its runtimes away at each start. So a container whose runtime has left the
 * configuration runs on, but nothing can be executed in it, and no signal reaches it. If a dockerd
 * ever fails this spec, the difference in docs/compatibility.md is none any more.
 */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { success } from '../support/loadedDaemon.ts';
import { type Ran, type RunOptions, run } from '../support/temporaryDaemon.ts';
import { findDockerd, startDockerd } from './dockerd.ts';

const binary = findDockerd();
const skip = binary === undefined ? 'NOT CHECKED: no dockerd here (SHIPLOG_DOCKERD)' : false;
if (binary === undefined) process.emitWarning(String(skip));

/** Ends with 3 when it is told to. */
const OBEYS = 'trap "exit 3" TERM; while :; do sleep 0.1; done';

test('dockerd loses a container whose runtime left the configuration', { skip }, async () => {
  const dockerd = await startDockerd(binary ?? '', { 'live-restore': true });
  const docker = (options: RunOptions, ...args: readonly string[]): Promise<Ran> =>
    run('docker', ['-H', `unix://${dockerd.socket}`, ...args], options);
  const program = join(dockerd.dir, 'passed-on');
  writeFileSync(program, '#!/bin/sh\nshift\nexec runc "$@"\n', { mode: 0o755 });
  const runtimes = { passed: { path: program, runtimeArgs: ['--an-argument'] } };
  try {
    await dockerd.restart({ 'live-restore': true, runtimes });
    success(await docker({ input: (await buildBusyboxImage()).archive }, 'load'));
    const args = ['-d', '--name', 'web', '--network', 'none', '--runtime', 'passed', 'busybox'];
    success(await docker({}, 'run', ...args, 'sh', '-c', OBEYS));
    assert.equal(success(await docker({}, 'exec', 'web', 'echo', 'works')), 'works');
    assert.deepEqual(readdirSync(join(dockerd.dir, 'data', 'runtimes')), ['passed']);

    await dockerd.restart({ 'live-restore': true });
    assert.equal(success(await docker({}, 'inspect', '-f', '{{.State.Running}}', 'web')), 'true');
    assert.deepEqual(readdirSync(join(dockerd.dir, 'data', 'runtimes')), []);
    const exec = await docker({}, 'exec', 'web', 'echo', 'works');
    assert.notEqual(exec.code, 0);
    assert.match(exec.stderr + exec.stdout, /runtimes\/passed|no such file/);
    // The stop signal can not be sent either: dockerd falls back on SIGKILL to the process.
    await docker({ timeoutMs: 30_000 }, 'stop', '-t', '1', 'web');
    assert.equal(success(await docker({}, 'inspect', '-f', '{{.State.ExitCode}}', 'web')), '137');
  } finally {
    await dockerd.stop();
  }
});
