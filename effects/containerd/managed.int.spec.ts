import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive, startTime } from '../system/process.ts';
import { connectContainerd } from './client.ts';
import { optionsIn, quiet, removeDirectory, testDirectory } from './containerd.fixture.ts';
import { type ManagedContainerd, ManagedStartError, startManaged, stopManaged } from './managed.ts';
import { claimNamespace, daemonIdLabel, ForeignNamespaceError, namespaceOf } from './namespace.ts';
import { supervise } from './supervise.ts';

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await testDirectory();
  try {
    await run(directory);
  } finally {
    await removeDirectory(directory);
  }
}

test('one that was left running is adopted, not doubled, with and without its pid file', () =>
  inDirectory(async (directory) => {
    const options = optionsIn(directory);
    const first = await startManaged(options);
    try {
      assert.equal(first.adopted, false);
      assert.match(await readFile(first.paths.pidFile, 'utf8'), /^\d+ \d+\n$/);
      const second = await startManaged(options);
      assert.deepEqual([second.adopted, second.pid], [true, first.pid]);
      await rm(first.paths.pidFile);
      const third = await startManaged(options);
      assert.deepEqual([third.adopted, third.pid], [true, first.pid]);
      assert.ok(existsSync(first.paths.pidFile));
      await writeFile(first.paths.pidFile, `1 ${startTime(1)}\n`);
      assert.equal((await startManaged(options)).pid, first.pid);
    } finally {
      assert.ok(await stopManaged(first));
    }
    assert.equal(isAlive(first.pid, first.startTime), false);
    assert.equal(existsSync(first.address), false);
    assert.equal(existsSync(first.paths.pidFile), false);
  }));

test('it outlives the process that started it, in a session of its own', () =>
  inDirectory(async (directory) => {
    const options = optionsIn(directory);
    const url = new URL('./managed.ts', import.meta.url).href;
    const { log: _, ...plain } = options;
    const script = `import { startManaged } from ${JSON.stringify(url)};
      const log = { info() {}, warn() {} };
      await startManaged({ ...${JSON.stringify(plain)}, log });
      process.kill(process.pid, 'SIGKILL');`;
    const daemon = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const [, signal] = await once(daemon, 'exit');
    assert.equal(signal, 'SIGKILL');
    const adopted = await startManaged(options);
    try {
      assert.equal(adopted.adopted, true);
      const fields = (await readFile(`/proc/${adopted.pid}/stat`, 'utf8'))
        .split(') ')[1]
        ?.split(' ');
      assert.equal(fields?.[3], String(adopted.pid), 'leader of its own session');
    } finally {
      await stopManaged(adopted);
    }
  }));

test('its directories are closed to others, its working directory too', () =>
  inDirectory(async (directory) => {
    const managed = await startManaged(optionsIn(directory));
    try {
      for (const path of [managed.paths.root, managed.paths.state]) {
        assert.equal((await stat(path)).mode & 0o066, 0, path);
      }
      assert.equal((await stat(managed.address)).mode & 0o007, 0);
    } finally {
      await stopManaged(managed);
    }
  }));

test('what a dead one has left is cleaned away', () =>
  inDirectory(async (directory) => {
    const options = optionsIn(directory);
    const first = await startManaged(options);
    process.kill(first.pid, 'SIGKILL');
    const second = await startManaged(options);
    try {
      assert.equal(second.adopted, false);
      assert.notEqual(second.pid, first.pid);
    } finally {
      await stopManaged(second);
    }
  }));

test('one that does not answer is ended and replaced', () =>
  inDirectory(async (directory) => {
    const options = optionsIn(directory);
    const first = await startManaged(options);
    process.kill(first.pid, 'SIGSTOP');
    const second = await startManaged({ ...options, startDeadlineMs: 3_000 });
    try {
      assert.equal(second.adopted, false);
      assert.equal(isAlive(first.pid, first.startTime), false);
    } finally {
      await stopManaged(second);
    }
  }));

test('a containerd that is not installed, or ends at once, is told in its own words', () =>
  inDirectory(async (directory) => {
    const options = optionsIn(directory);
    await assert.rejects(startManaged({ ...options, binary: 'no-such-containerd' }), (error) => {
      assert.ok(error instanceof ManagedStartError);
      assert.match(error.message, /is not installed: no no-such-containerd in PATH/);
      return true;
    });
    const failing = join(directory, 'failing');
    await writeFile(failing, '#!/bin/sh\necho the disk is on fire >&2\nexit 3\n');
    await chmod(failing, 0o755);
    await assert.rejects(startManaged({ ...options, binary: failing }), {
      message: /ended at once \(exit status 3\):\nthe disk is on fire/,
    });
    const mute = join(directory, 'mute');
    await writeFile(mute, '#!/bin/sh\nexec sleep 60\n');
    await chmod(mute, 0o755);
    await assert.rejects(startManaged({ ...options, binary: mute, startDeadlineMs: 300 }), {
      message: /did not answer in 300 ms/,
    });
    assert.equal(existsSync(join(options.execRoot, 'containerd', 'containerd.pid')), false);
  }));

test('an exec root too long for a socket is refused before anything is made', async () => {
  const execRoot = `/run/${'x'.repeat(100)}`;
  await assert.rejects(startManaged({ ...optionsIn('/nowhere'), execRoot }), /shorter exec root/);
  assert.equal(existsSync('/nowhere'), false);
});

test('when it dies it is started again, and the client connects again', () =>
  inDirectory(async (directory) => {
    const options = optionsIn(directory);
    const first = await startManaged(options);
    const seen: string[] = [];
    let restarted: (managed: ManagedContainerd) => void;
    const restart = new Promise<ManagedContainerd>((resolve) => {
      restarted = resolve;
    });
    const supervision = supervise(first, {
      ...options,
      log: quiet,
      onLost: () => seen.push('lost'),
      onRestarted: (managed) => restarted(managed),
    });
    const client = connectContainerd({ address: first.address, namespace: 'test' });
    try {
      assert.ok(await client.whenConnected(5_000));
      client.onState((state) => seen.push(state));
      process.kill(first.pid, 'SIGKILL');
      const second = await restart;
      assert.ok(await client.whenConnected(5_000));
      assert.ok((await client.version()).version);
      assert.deepEqual(seen.sort(), ['connected', 'lost', 'lost']);
      assert.equal(supervision.current().pid, second.pid);
    } finally {
      client.close();
      await supervision.stop();
      await stopManaged(supervision.current());
    }
  }));

test('a namespace is signed, and another daemon’s is left alone', () =>
  inDirectory(async (directory) => {
    const managed = await startManaged(optionsIn(directory));
    const client = connectContainerd({ address: managed.address, namespace: 'any' });
    try {
      await client.whenConnected(5_000);
      const name = await claimNamespace(client, 'daemon-a', true);
      assert.equal(name, namespaceOf('daemon-a'));
      assert.equal(await claimNamespace(client, 'daemon-a', false), name);
      assert.equal((await client.namespaces.get(name)).labels[daemonIdLabel], 'daemon-a');

      await client.namespaces.update(name, { [daemonIdLabel]: 'daemon-b' });
      await assert.rejects(claimNamespace(client, 'daemon-a', true), (error) => {
        assert.ok(error instanceof ForeignNamespaceError);
        assert.deepEqual([error.namespace, error.owner], [name, 'daemon-b']);
        return true;
      });

      const foreign = await claimNamespace(client, 'daemon-d', false);
      const { labels } = await client.namespaces.get(foreign);
      assert.equal(labels[daemonIdLabel], 'daemon-d', 'signed in a containerd that is not ours');

      const unsigned = namespaceOf('daemon-c');
      await client.namespaces.create(unsigned, { other: 'label' });
      await assert.rejects(claimNamespace(client, 'daemon-c', false), ForeignNamespaceError);
      await claimNamespace(client, 'daemon-c', true);
      assert.deepEqual((await client.namespaces.get(unsigned)).labels, {
        other: 'label',
        [daemonIdLabel]: 'daemon-c',
      });
    } finally {
      client.close();
      await stopManaged(managed);
    }
  }));
