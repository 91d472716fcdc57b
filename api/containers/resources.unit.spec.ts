/** Limits of create and update: what is refused, what is dropped with a warning, what is kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OfferedLimits } from '../../machines/offeredLimits.ts';
import { ApiError } from '../errors.ts';
import { info } from '../testing/daemonInfo.ts';
import { parseList } from './cpuset.ts';
import { checkResources, type Resources } from './resources.ts';

const all: OfferedLimits = { ...info.limits, swap: true };
const none: OfferedLimits = {
  ...all,
  memory: false,
  oomKillDisable: false,
  cpuPeriod: false,
  cpuQuota: false,
  cpuShares: false,
  cpuset: false,
  pids: false,
  memoryReservation: false,
  memorySwappiness: false,
  blockIo: { ...all.blockIo, readBps: false },
};
const check = (asked: Resources, limits = all, update = false) =>
  checkResources(asked, { limits, processors: 2 }, update);

const REFUSED: readonly (readonly [Resources, string])[] = [
  [{ Memory: 1000 }, 'Minimum memory limit allowed is 6MB'],
  [{ Memory: -1 }, 'Minimum memory limit allowed is 6MB'],
  [{ MemorySwap: 1e7 }, 'You should always set the Memory limit when using Memoryswap limit'],
  [{ Memory: 8e6, MemorySwap: 7e6 }, 'Minimum memoryswap limit should be larger than memory limit'],
  [{ MemorySwappiness: 101 }, 'Invalid value: 101, valid memory swappiness range is 0-100'],
  [{ MemoryReservation: 5 }, 'Minimum memory reservation allowed is 6MB'],
  [{ Memory: 8e6, MemoryReservation: 9e6 }, 'can not be less than memory reservation limit'],
  [{ NanoCpus: 1e9, CpuPeriod: 1000 }, 'Nano CPUs and CPU Period cannot both be set'],
  [{ NanoCpus: 1, CpuQuota: 1000 }, 'Nano CPUs and CPU Quota cannot both be set'],
  [{ NanoCpus: 3e9 }, 'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
  [{ CpuPeriod: 1 }, 'CPU cfs period can not be less than 1ms'],
  [{ CpuQuota: 5 }, 'CPU cfs quota can not be less than 1ms (i.e. 1000)'],
  [{ CpuRealtimePeriod: 5 }, 'kernel does not support CPU real-time scheduler'],
  [{ CpusetCpus: '0-9' }, 'Requested CPUs are not available - requested 0-9, available: 0-1'],
  [{ CpusetCpus: 'x' }, 'Invalid value x for cpuset cpus: invalid format: x'],
  [{ CpusetMems: '7' }, 'Requested memory nodes are not available - requested 7, available: 0'],
];

for (const [asked, message] of REFUSED) {
  test(`${JSON.stringify(asked)} is refused: ${message}`, () => {
    assert.throws(
      () => check(asked),
      (error) =>
        error instanceof ApiError && error.status === 400 && error.message.includes(message),
    );
  });
}

const DROPPED: readonly (readonly [Resources, object, string])[] = [
  [{ Memory: 8e6 }, { Memory: 0, MemorySwap: -1 }, 'memory limit capabilities'],
  [{ MemorySwappiness: 60 }, { MemorySwappiness: null }, 'Memory swappiness discarded.'],
  [{ MemoryReservation: 8e6 }, { MemoryReservation: 0 }, 'memory soft limit capabilities'],
  [{ OomKillDisable: true }, { OomKillDisable: false }, 'OomKillDisable discarded.'],
  [{ PidsLimit: 5 }, { PidsLimit: null }, 'PIDs limit discarded.'],
  [{ CpuShares: 512 }, { CpuShares: 0 }, 'Shares discarded.'],
  [{ CpuPeriod: 1000 }, { CpuPeriod: 0, CpuQuota: 0 }, 'CPU period/quota discarded.'],
  [{ CpusetCpus: '0' }, { CpusetCpus: '', CpusetMems: '' }, 'Cpuset discarded.'],
  [{ BlkioWeight: 500 }, { BlkioWeight: 0 }, 'Weight discarded.'],
  [{ BlkioDeviceReadBps: [{ Path: '/dev/x' }] }, { BlkioDeviceReadBps: [] }, 'BPS read limit'],
];

for (const [asked, changes, text] of DROPPED) {
  test(`a kernel without it drops ${JSON.stringify(asked)} and says so`, () => {
    const found = check(asked, none);
    for (const [name, value] of Object.entries(changes))
      assert.deepEqual(found.changes[name], value);
    assert.equal(found.warnings.length, 1);
    assert.ok(found.warnings[0]?.includes(text), found.warnings[0]);
  });
}

test('swap that can not be limited is said, and is not limited', () => {
  const found = check({ Memory: 8e6 }, { ...all, swap: false });
  assert.equal(found.changes['MemorySwap'], -1);
  assert.match(found.warnings.join(), /Memory limited without swap/);
});

test('an update may name the swap alone', () => {
  assert.deepEqual(check({ MemorySwap: 1e7 }, all, true).warnings, []);
});

test('a killer of nobody without a limit is worth a warning', () => {
  assert.match(check({ OomKillDisable: true }).warnings.join(), /no memory limit is set/);
  assert.deepEqual(check({ OomKillDisable: true, Memory: 8e6 }).warnings, []);
});

test('lists of processors are bounded', () => {
  assert.deepEqual(parseList('0-2,4'), { kind: 'list', numbers: [0, 1, 2, 4] });
  assert.equal(parseList('0-99999999').kind, 'invalid');
  assert.equal(parseList('2-1').kind, 'invalid');
});
