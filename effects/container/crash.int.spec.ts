/**
 * The handlers after a crash at any point: what an earlier try has left is found and used, or
 * removed.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { lstat, mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ContainerContext } from '../../machines/container.context.ts';
import { EffectFailure } from '../failure.ts';
import { sleep } from '../system/clock.ts';
import { isMounted } from '../system/mounts.ts';
import { startTime } from '../system/process.ts';
import { hostSystem } from './hostSystem.ts';
import { writeInitLayer } from './initLayer.ts';
import { containerPaths } from './paths.ts';
import { mountOnce, unmountAll } from './rootMount.ts';
import { holdLease, leaseOf } from './rootSnapshots.ts';
import { forgetRuntimeState } from './runtimeState.ts';
import { groupsOf, makeWorld, type World } from './world.fixture.ts';

let world: World;
before(async () => {
  world = await makeWorld();
});
after(async () => {
  await world.close();
});

const runOf = (container: ContainerContext) => ({ id: container.id, run: container.run });
const snapshotter = 'overlayfs';

async function started(container: ContainerContext): Promise<void> {
  await world.run('root.prepare', container, { id: container.id });
  await world.run('task.create', container, runOf(container));
  await world.run('task.start', container, runOf(container));
}

async function erased(container: ContainerContext): Promise<void> {
  await world.run('container.erase', container, { id: container.id });
  assert.deepEqual(await world.traces(container.id), []);
}

/** As an earlier daemon has left it: this one does not know what there is of it. */
async function createdBefore(container: ContainerContext): Promise<void> {
  await world.run('root.prepare', container, { id: container.id });
  await world.deps.rootMaker.forget(container.id);
}

async function livesAndDies(container: ContainerContext): Promise<void> {
  await started(container);
  assert.equal((await world.run('task.await-exit', container, runOf(container))).code, 0);
  await erased(container);
}

test('preparing goes on from a lease alone', async () => {
  const container = world.context();
  await createdBefore(container);
  await holdLease(world.deps, container.id, {});
  await livesAndDies(container);
});

test('preparing goes on from an init layer that is half written and still mounted', async () => {
  const container = world.context();
  const { id } = container;
  await holdLease(world.deps, id, {});
  const mounts = await world.deps.containerd.snapshots.prepare(
    { snapshotter, key: `${id}-init-key`, parent: container.image.chainId },
    { lease: leaseOf(id) },
  );
  const { initRoot } = containerPaths(world.deps.roots, id);
  await mountOnce(hostSystem, initRoot, mounts);
  mkdirSync(join(initRoot, 'dev'));
  writeFileSync(join(initRoot, '.dockerenv'), '');
  await createdBefore(container);
  await livesAndDies(container);
});

test('a half-written init layer is gone once another container has made it', async () => {
  await livesAndDies(world.context());
  const container = world.context();
  const { id } = container;
  const key = `${id}-init-key`;
  await holdLease(world.deps, id, {});
  const mounts = await world.deps.containerd.snapshots.prepare(
    { snapshotter, key, parent: container.image.chainId },
    { lease: leaseOf(id) },
  );
  const { initRoot } = containerPaths(world.deps.roots, id);
  await mountOnce(hostSystem, initRoot, mounts);
  await createdBefore(container);
  await started(container);
  assert.equal(existsSync(initRoot), false);
  const stat = world.deps.containerd.snapshots.stat({ snapshotter, key });
  await assert.rejects(stat, { code: 'not-found' });
  await livesAndDies(container);
});

test('a directory that a killed containerd has left is taken out of the way', async () => {
  const overlays = 'containerd/io.containerd.snapshotter.v1.overlayfs/snapshots';
  const directory = join(world.deps.roots.dataRoot, overlays);
  const last = Math.max(...readdirSync(directory).map(Number).filter(Number.isFinite));
  // Some numbers were given to snapshots that are gone: the next one is not the last plus one.
  for (let number = last + 1; number <= last + 60; number += 1)
    mkdirSync(join(directory, String(number), 'fs'), { recursive: true });
  const container = world.context();
  await world.run('root.prepare', container, { id: container.id });
  const made = async (): Promise<boolean> => {
    try {
      await world.run('task.create', container, runOf(container));
      return true;
    } catch (error) {
      assert.ok(error instanceof EffectFailure && error.kind === 'unavailable', String(error));
      return false;
    }
  };
  for (let tries = 300; !(await made()); tries -= 1) {
    assert.ok(tries > 0, 'it stays in the way');
    await sleep(50);
  }
  await erased(container);
  // Those that were not in the way of this one; a snapshot's directory holds more.
  for (const name of readdirSync(directory))
    if (!existsSync(join(directory, name, 'work')))
      // The collector is at work in it as well.
      rmSync(join(directory, name), { recursive: true, force: true });
});

test('an init layer that was never finished is erased as well', async () => {
  const container = { ...world.context(), run: 0 };
  const { id } = container;
  await holdLease(world.deps, id, {});
  const mounts = await world.deps.containerd.snapshots.prepare(
    { snapshotter, key: `${id}-init-key`, parent: container.image.chainId },
    { lease: leaseOf(id) },
  );
  await mountOnce(hostSystem, containerPaths(world.deps.roots, id).initRoot, mounts);
  await erased(container);
});

test('a record without a task, left by a crash, is written anew', async () => {
  const container = world.context();
  const { id } = container;
  await createdBefore(container);
  await world.deps.containerd.containers.create({
    id,
    labels: { 'shiplog.container': id, 'shiplog.run': '1' },
    image: '',
    runtime: { name: 'io.containerd.runc.v2' },
    spec: { stale: true },
    snapshotter,
    snapshotKey: id,
  });
  await livesAndDies(container);
});

test('a record without a task whose state the runtime kept is written anew, too', async () => {
  const container = world.context();
  const { id, runtime } = container;
  assert.ok(runtime);
  await createdBefore(container);
  await world.deps.containerd.containers.create({
    id,
    labels: { 'shiplog.container': id, 'shiplog.run': '1' },
    image: '',
    runtime: { name: 'io.containerd.runc.v2' },
    spec: {},
    snapshotter,
    snapshotKey: id,
  });
  mkdirSync(join(runtime.options.root, world.deps.containerd.namespace, id), { recursive: true });
  await livesAndDies(container);
});

test('cleaning an earlier run leaves a later one alone', async () => {
  const first = world.context({ Cmd: ['sleep', '60'] });
  const second = { ...first, run: 2 };
  await world.run('root.prepare', first, { id: first.id });
  await world.run('task.create', second, runOf(second));
  await world.run('task.start', second, runOf(second));
  await world.run('run.clean', second, runOf(first));
  const { status } = await world.deps.containerd.tasks.get({ containerId: first.id });
  assert.equal(status, 'running');
  assert.equal(isMounted(containerPaths(world.deps.roots, first.id).root), true);
  await assert.rejects(
    world.run('task.kill', second, { ...runOf(first), signal: 9 }),
    /process already finished/,
  );
  await erased(second);
});

test('a mount that is in use is taken out of the tree all the same', async () => {
  const container = world.context({ Cmd: ['sleep', '60'] });
  await started(container);
  const { root } = containerPaths(world.deps.roots, container.id);
  const guest = spawn('/bin/busybox', ['sleep', '60'], { cwd: root, stdio: 'ignore' });
  await once(guest, 'spawn');
  await erased(container);
  const ended = once(guest, 'exit');
  guest.kill('SIGKILL');
  await ended;
});

test('state that the runtime kept of a lost process is removed, and it is ended', async () => {
  const container = world.context();
  assert.ok(container.runtime);
  const process = spawn('/bin/busybox', ['sleep', '60'], { stdio: 'ignore' });
  await once(process, 'spawn');
  const { namespace } = world.deps.containerd;
  const state = join(container.runtime.options.root, namespace, container.id);
  mkdirSync(state, { recursive: true });
  const init = {
    init_process_pid: process.pid,
    init_process_start: Number(startTime(process.pid ?? 0)),
  };
  writeFileSync(join(state, 'state.json'), JSON.stringify(init));
  const ended = once(process, 'exit');
  await forgetRuntimeState(world.deps, container, AbortSignal.timeout(10_000));
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.equal(existsSync(state), false);
});

test('a control group that a killed runtime has left goes, and what is frozen in it', async () => {
  const container = world.context({ Cmd: ['sleep', '60'] });
  await started(container);
  const groups = groupsOf(container.id);
  assert.notDeepEqual(groups, []);
  await world.run('run.clean', container, runOf(container));
  const process = spawn('/bin/busybox', ['sleep', '60'], { stdio: 'ignore' });
  await once(process, 'spawn');
  const ended = once(process, 'exit');
  for (const group of groups) {
    mkdirSync(join(group, 'below'), { recursive: true });
    // Version 2 has one group for all.
    if (groups.length > 1 && !/pids|freezer/.test(group)) continue;
    writeFileSync(join(group, 'below/cgroup.procs'), String(process.pid));
    const freezer = join(group, 'below/freezer.state');
    if (existsSync(freezer)) writeFileSync(freezer, 'FROZEN');
  }
  await erased(container);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('an init layer follows no link of the image, and replaces what is in its place', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'outside-'));
  const root = await mkdtemp(join(tmpdir(), 'root-'));
  try {
    symlinkSync(outside, join(root, 'etc'));
    symlinkSync(join(outside, 'env'), join(root, '.dockerenv'));
    mkdirSync(join(root, 'dev'));
    symlinkSync(outside, join(root, 'dev/console'));
    for (let time = 0; time < 2; time += 1) await writeInitLayer(hostSystem.files, root);
    assert.equal((await lstat(join(root, 'etc'))).isDirectory(), true);
    assert.equal((await lstat(join(root, '.dockerenv'))).isFile(), true);
    assert.equal((await lstat(join(root, 'dev/console'))).isFile(), true);
    assert.equal(await readlink(join(root, 'etc/mtab')), '/proc/mounts');
    assert.equal(existsSync(join(outside, 'env')) || existsSync(join(outside, 'hosts')), false);
  } finally {
    for (const path of [outside, root]) await rm(path, { recursive: true, force: true });
  }
});

test('a root is mounted once, however often it is asked for', async () => {
  const target = join(world.directory, 'bind');
  const mounts = [{ type: 'bind', source: '/bin', target: '', options: ['rbind', 'ro'] }];
  await mountOnce(hostSystem, target, mounts);
  await mountOnce(hostSystem, target, mounts);
  assert.equal(existsSync(join(target, 'busybox')), true);
  await unmountAll(hostSystem, target);
  await unmountAll(hostSystem, target);
  assert.equal(existsSync(target), false);
});

test('an erased secret is said by name, and nothing is started', async () => {
  const container = { ...world.context(), env: [{ name: 'TOKEN', digest: 'gone' }] };
  await world.run('root.prepare', container, { id: container.id });
  await assert.rejects(world.run('task.create', container, runOf(container)), {
    kind: 'failed',
    message: 'the value of the environment variable TOKEN was erased',
  });
  await erased(container);
});

/** Last: it takes containerd away. */
test('without containerd every handler says unavailable', async () => {
  const container = world.context({ Cmd: ['sleep', '60'] });
  await started(container);
  const waiting = world.run('task.await-exit', container, runOf(container));
  const away = assert.rejects(waiting, { kind: 'unavailable' });
  await world.restart(async () => {
    await away;
    const unavailable = { name: 'EffectFailure', kind: 'unavailable' };
    const params = runOf(container);
    await assert.rejects(world.run('task.create', container, params), unavailable);
    await assert.rejects(world.run('run.clean', container, params), unavailable);
    await assert.rejects(world.run('task.await-exit', container, params), unavailable);
  });
  await world.run('task.kill', container, { ...runOf(container), signal: 9 });
  assert.equal((await world.run('task.await-exit', container, runOf(container))).code, 137);
  await erased(container);
});
