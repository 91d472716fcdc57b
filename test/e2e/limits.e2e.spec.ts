/** Limits as the kernel has them: asked for with run, changed by update, dropped with a warning. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
/** The parents of a group are made by the runtime and left, here as with dockerd. */
const PARENT = `shiplog-e2e-${process.pid}`;

function removeParents(): void {
  const root = '/sys/fs/cgroup';
  const groups = readdirSync(root).flatMap((one) => [join(one, PARENT, 'x'), join(one, PARENT)]);
  for (const group of groups) if (existsSync(join(root, group))) rmdirSync(join(root, group));
}

after(async () => {
  await finish(daemon);
  removeParents();
});

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
const run = (...args: readonly string[]) => docker('run', '--rm', ...args);
/** The container's own group as it sees it, whatever the version. */
const show = (...files: readonly string[]) => [
  'sh',
  '-c',
  `cd /sys/fs/cgroup; cat ${files.join(' ')}`,
];
const version1 = JSON.parse((await daemon.request('GET', '/info')).body).CgroupVersion === '1';
const only1 = version1 ? false : 'this kernel has control groups of version 2';

test('memory, swap, reservation and swappiness', { skip: only1 }, async () => {
  const wanted = ['-m', '64m', '--memory-reservation', '32m', '--memory-swappiness', '7'];
  const file = (name: string) => `memory/memory.${name}`;
  const shown = await run(
    ...wanted,
    '--oom-kill-disable',
    'busybox',
    ...show(
      file('limit_in_bytes'),
      file('memsw.limit_in_bytes'),
      file('soft_limit_in_bytes'),
      file('swappiness'),
      file('oom_control'),
    ),
  );
  assert.match(shown, /^67108864\n134217728\n33554432\n7\noom_kill_disable 1\n/);
});

test('processors, processes and block I/O', { skip: only1 }, async () => {
  const at = ['--cpus', '0.5', '--cpu-shares', '512', '--cpuset-cpus', '0', '--pids-limit', '40'];
  const files = ['cpu/cpu.cfs_quota_us', 'cpu/cpu.cfs_period_us', 'cpu/cpu.shares'];
  const more = ['cpuset/cpuset.cpus', 'pids/pids.max'];
  const shown = await run(...at, 'busybox', ...show(...files, ...more));
  assert.equal(shown, '50000\n100000\n512\n0\n40');
});

test('ulimits, sysctls, OOM score: also without a limit', async () => {
  const limits = ['--ulimit', 'nofile=77:88', '--ulimit', 'core=-1'];
  const settings = ['--sysctl', 'net.ipv4.ip_forward=0', '--oom-score-adj', '321'];
  const script =
    'ulimit -Sn; ulimit -Hn; ulimit -c; cat /proc/sys/net/ipv4/ip_forward /proc/self/oom_score_adj';
  const shown = await run(...limits, ...settings, 'busybox', 'sh', '-c', script);
  assert.equal(shown, '77\n88\nunlimited\n0\n321');
});

test('a group below another parent', { skip: only1 }, async () => {
  const shown = await run('--cgroup-parent', `/${PARENT}/x`, 'busybox', 'cat', '/proc/self/cgroup');
  assert.match(shown, new RegExp(`:pids:/${PARENT}/x/[0-9a-f]{64}$`, 'm'));
});

test('update changes what runs, and inspect shows it', { skip: only1 }, async () => {
  const id = await docker('run', '-d', '--name', 'changed', '-m', '64m', 'busybox', 'sleep', '600');
  await docker('update', '-m', '96m', '--memory-swap', '-1', '--cpu-shares', '300', 'changed');
  await docker('update', '--pids-limit', '33', '--cpu-quota', '20000', 'changed');
  const files = ['memory/memory.limit_in_bytes', 'cpu/cpu.shares', 'cpu/cpu.cfs_quota_us'];
  const shown = await docker('exec', 'changed', ...show(...files, 'pids/pids.max'));
  assert.equal(shown, '100663296\n300\n20000\n33');
  const { HostConfig } = JSON.parse((await daemon.request('GET', `/containers/${id}/json`)).body);
  const { Memory, MemorySwap, CpuShares, PidsLimit, CpuQuota } = HostConfig;
  assert.deepEqual(
    { Memory, MemorySwap, CpuShares, PidsLimit, CpuQuota },
    { Memory: 100663296, MemorySwap: -1, CpuShares: 300, PidsLimit: 33, CpuQuota: 20000 },
  );
});

test('what an update contradicts is refused, and nothing changes', { skip: only1 }, async () => {
  const body = { Memory: 200_000_000 };
  const refused = await daemon.request('POST', '/containers/changed/update', { NanoCpus: 1e8 });
  assert.equal(refused.status, 409);
  assert.match(refused.body, /Nano CPUs cannot be updated as CPU Quota has already been set/);
  const swap = await daemon.request('POST', '/containers/changed/update', body);
  assert.match(swap.body, /update the memoryswap at the same time/);
  const shown = await docker('exec', 'changed', ...show('memory/memory.limit_in_bytes'));
  assert.equal(shown, '100663296');
});

test('a limit that the kernel refuses is told, and not kept', { skip: only1 }, async () => {
  const { status, body } = await daemon.request('POST', '/containers/changed/update', {
    BlkioDeviceReadBps: [{ Path: '/dev/nothing', Rate: 5 }],
    CpuShares: 400,
  });
  assert.equal(status, 500);
  assert.match(body, /Cannot update container [0-9a-f]{64}: stat \/dev\/nothing: no such file/);
  assert.equal(await docker('inspect', '-f', '{{.HostConfig.CpuShares}}', 'changed'), '300');
});

test('what is updated while stopped holds from the next start', { skip: only1 }, async () => {
  await docker('stop', '-t', '0', 'changed');
  await docker('update', '--cpu-shares', '700', 'changed');
  await docker('start', 'changed');
  assert.equal(await docker('exec', 'changed', ...show('cpu/cpu.shares')), '700');
});

test('who is killed for lack of memory is told', { skip: only1 }, async () => {
  const script = 'x=a; while true; do x=$x$x; done';
  await daemon.docker('run', '--name', 'greedy', '-m', '8m', 'busybox', 'sh', '-c', script);
  const state = await docker('inspect', '-f', '{{.State.OOMKilled}} {{.State.ExitCode}}', 'greedy');
  assert.equal(state, 'true 137');
});
