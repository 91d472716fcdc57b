/**
 * Control groups of version 2 under systemd, as a kernel wrote them: `recorded/cgroup2` is what
 * runc 1.1.5 made of specs of ours on a Debian 12 (Linux 6.1.192, systemd 252), at the places where
 * it made it. The requests are those below; the files are read where they would lie.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { statsOf } from '../../api/containers/statsWire.ts';
import { readOomKills } from '../../effects/container/oom.ts';
import { kernelLimits } from '../../effects/host/limits.ts';
import { usageOf } from '../../effects/processes/usage.ts';
import { plainInput } from '../../effects/spec/fixture.ts';
import { ociSpec } from '../../effects/spec/spec.ts';
import type { SpecInput } from '../../effects/spec/types.ts';

const ROOT = fileURLToPath(new URL('./recorded/cgroup2', import.meta.url));
const MIB = 1_048_576;

/** It has written 4 MiB, and then sleeps. */
const limited = request('a1', {
  Memory: 64 * MIB,
  MemorySwap: 128 * MIB,
  MemoryReservation: 32 * MIB,
  NanoCpus: 1_500_000_000,
  CpuShares: 512,
  CpusetCpus: '0-1',
  PidsLimit: 100,
});
/** One of its processes has taken more than there is. */
const starved = request('a2', {
  Memory: 16 * MIB,
  MemorySwap: 16 * MIB,
  CgroupParent: 'mine-sub.slice',
});

function request(id: string, hostConfig: object): SpecInput {
  const input = plainInput({}, { ...hostConfig, CgroupnsMode: 'private' });
  const cgroup = { version: 2, driver: 'systemd' } as const;
  const container = { ...input.container, id: id.padEnd(64, '0') };
  return { ...input, container, host: { ...input.host, cgroup } };
}

async function usage({ container, host }: SpecInput) {
  const found = await usageOf({ ...container, pid: 0 }, host, ROOT);
  assert.ok(found, 'its group lies where our path leads');
  return found;
}

/** As a client gets it. */
async function stats() {
  const subject = { id: limited.container.id, name: 'web', memory: 4096 * MIB, cpus: 2 };
  const said = JSON.parse(JSON.stringify(statsOf(subject, await usage(limited), undefined)));
  const { memory_stats: memory, cpu_stats: cpu, blkio_stats: block, pids_stats: pids } = said;
  return { said, memory, cpu, block, pids };
}

/** A file of the first group as it was. */
const recorded = (file: string): string => {
  const scope = `shiplog-${limited.container.id}.scope`;
  return readFileSync(join(ROOT, 'system.slice', scope, file), 'utf8').trim();
};

test('what the docker CLI computes from: memory, processors, block I/O, processes', async () => {
  const { memory, cpu, block, pids } = await stats();
  // MEM USAGE / LIMIT
  assert.equal(memory.usage - memory.stats.inactive_file, 1_970_176);
  assert.equal(memory.limit, 64 * MIB);
  // CPU %: against another sample of these
  assert.equal(cpu.cpu_usage.total_usage, 1_965_287_000);
  assert.deepEqual([cpu.online_cpus, cpu.system_cpu_usage > 0], [2, true]);
  // BLOCK I/O and PIDS
  assert.deepEqual(block.io_service_bytes_recursive, [
    { major: 254, minor: 0, op: 'read', value: 1_695_744 },
    { major: 254, minor: 0, op: 'write', value: 4 * MIB },
  ]);
  assert.deepEqual(pids, { current: 1, limit: 100 });
});

test('what other clients read: time by mode, throttling, each counter of memory', async () => {
  const { said, memory, cpu, block } = await stats();
  assert.deepEqual(cpu.cpu_usage, {
    total_usage: 1_965_287_000,
    usage_in_kernelmode: 1_253_450_000,
    usage_in_usermode: 711_836_000,
  });
  assert.deepEqual(cpu.throttling_data, { periods: 11, throttled_periods: 0, throttled_time: 0 });
  assert.deepEqual(Object.keys(memory), ['usage', 'stats', 'limit'], 'no peak, no failures');
  assert.equal(Object.keys(memory.stats).length, recorded('memory.stat').split('\n').length);
  assert.deepEqual([memory.stats.anon, memory.stats.pgfault], [49_152, 1_078]);
  const others = Object.entries(block).filter(([name]) => name !== 'io_service_bytes_recursive');
  assert.deepEqual(new Set(others.map(([, counts]) => counts)), new Set([null]));
  assert.equal(said.precpu_stats.cpu_usage.total_usage, 0);
  assert.equal('networks' in said, false, 'it has none');
});

test('the limits of the spec are those that the kernel was given', () => {
  const { memory, cpu, pids } = ociSpec(limited).linux.resources;
  assert.equal(recorded('memory.max'), String(memory?.limit));
  assert.equal(recorded('memory.low'), String(memory?.reservation));
  // Of version 2 swap alone is counted, of the spec memory and swap.
  assert.equal(Number(recorded('memory.swap.max')), Number(memory?.swap) - Number(memory?.limit));
  assert.equal(recorded('cpu.max'), `${cpu?.quota} ${cpu?.period}`);
  assert.equal(recorded('cpuset.cpus'), cpu?.cpus);
  assert.equal(recorded('pids.max'), String(pids?.limit));
  // 2..262144 shares become 1..10000.
  const shares = Number(cpu?.shares);
  assert.equal(recorded('cpu.weight'), String(1 + Math.trunc(((shares - 2) * 9_999) / 262_142)));
});

test('a kill for lack of memory is counted, below slices of the caller', async () => {
  const system = { files: { readText: async (path: string) => readFileSync(path, 'utf8') } };
  const kills = async ({ container, host }: SpecInput) =>
    await readOomKills({ system, host, cgroupRoot: ROOT } as never, container);
  assert.deepEqual([await kills(limited), await kills(starved)], [0, 1]);
});

test('what its root offers', () => {
  const { memory, cpuShares, cpuset, pids, blockIo } = kernelLimits(2, ROOT, () => '1');
  assert.deepEqual([memory, cpuShares, cpuset, pids], [true, true, true, true]);
  assert.ok(Object.values(blockIo).every(Boolean));
});
