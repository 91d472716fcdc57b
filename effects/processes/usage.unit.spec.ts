/** The kernel's counters, read from the texts of either version. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usageV1, usageV2 } from './cgroupUsage.ts';
import { interfaces } from './networkUsage.ts';
import { systemTime } from './usage.ts';

const reader = (files: Readonly<Record<string, string>>) => async (group: string, file: string) =>
  files[`${group}/${file}`] ?? '';

test('version 1 has a folder for each controller', async () => {
  const read = reader({
    'pids/pids.current': '2\n',
    'pids/pids.max': 'max\n',
    'cpuacct/cpuacct.usage': '123456\n',
    'cpuacct/cpuacct.usage_percpu': '100 23 \n',
    'cpuacct/cpuacct.stat': 'user 3\nsystem 4\n',
    'cpu/cpu.stat': 'nr_periods 5\nnr_throttled 6\nthrottled_time 7\n',
    'memory/memory.usage_in_bytes': '4096\n',
    'memory/memory.max_usage_in_bytes': '8192\n',
    'memory/memory.failcnt': '1\n',
    'memory/memory.limit_in_bytes': '9223372036854771712\n',
    'memory/memory.stat': 'cache 1\ntotal_inactive_file 2\n',
    'blkio/blkio.throttle.io_service_bytes': '8:0 Read 10\n8:0 Write 20\nTotal 30\n',
  });
  const { pids, cpu, memory, block } = await usageV1(read);
  assert.deepEqual(pids, { current: 2, limit: null });
  assert.deepEqual([cpu.totalNs, cpu.userNs, cpu.perCpuNs], [123456, 30_000_000, [100, 23]]);
  assert.deepEqual([cpu.periods, cpu.throttledPeriods, cpu.throttledNs], [5, 6, 7]);
  assert.deepEqual([memory.usage, memory.most, memory.failures], [4096, 8192, 1]);
  assert.deepEqual(memory.stats, { cache: 1, total_inactive_file: 2 });
  assert.deepEqual(
    block['io_service_bytes_recursive']?.map(({ op, value }) => `${op} ${value}`),
    ['Read 10', 'Write 20'],
  );
});

test('version 2 has one folder, and microseconds', async () => {
  const read = reader({
    'pids/pids.current': '2\n',
    'pids/pids.max': '100\n',
    '/cpu.stat': 'usage_usec 9\nuser_usec 5\nsystem_usec 4\nthrottled_usec 2\n',
    '/memory.current': '4096\n',
    '/memory.max': 'max\n',
    '/memory.stat': 'anon 1\ninactive_file 2\n',
    '/io.stat': '8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n',
  });
  const { pids, cpu, memory, block } = await usageV2(read);
  assert.deepEqual(pids, { current: 2, limit: 100 });
  assert.deepEqual([cpu.totalNs, cpu.throttledNs, cpu.perCpuNs], [9_000, 2_000, null]);
  assert.deepEqual([memory.usage, memory.limit, memory.most], [4096, null, null]);
  assert.deepEqual(
    block['io_service_bytes_recursive']?.map(({ op, value }) => `${op} ${value}`),
    ['read 10', 'write 20'],
  );
  assert.equal(block['sectors_recursive'], null);
});

test('interfaces are counted, but for loopback', () => {
  const text = `Inter-|   Receive      |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop
    lo: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9
  eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0
`;
  assert.deepEqual(Object.keys(interfaces(text)), ['eth0']);
  const { rxBytes, rxDropped, txBytes, txDropped } = interfaces(text)['eth0'] ?? {};
  assert.deepEqual([rxBytes, rxDropped, txBytes, txDropped], [1, 4, 5, 8]);
});

test('the processors’ time is the first seven numbers, in nanoseconds', () => {
  assert.equal(systemTime('cpu  1 2 3 4 5 6 7 100 100 100\ncpu0 9\n'), 280_000_000);
});
