/** What a container uses, as clients compute from it, and its processes. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Served, serve } from '../testing/client.ts';
import { exited, ID, running, type World, world } from '../testing/fakes.ts';
import type { Usage } from '../usage.ts';

const usage: Usage = {
  atNs: 1_700_000_000_500_000_000n,
  systemNs: 5_000_000_000,
  pids: { current: 3, limit: null },
  cpu: {
    totalNs: 90,
    kernelNs: 30,
    userNs: 60,
    perCpuNs: [40, 50],
    periods: 1,
    throttledPeriods: 2,
    throttledNs: 3,
  },
  memory: { usage: 512, most: 600, failures: 0, limit: 2 ** 63, stats: { cache: 7 } },
  block: { io_service_bytes_recursive: [{ major: 8, minor: 0, op: 'Read', value: 9 }] },
  networks: {
    eth0: {
      rxBytes: 1,
      rxPackets: 2,
      rxErrors: 3,
      rxDropped: 4,
      txBytes: 5,
      txPackets: 6,
      txErrors: 7,
      txDropped: 8,
    },
  },
};

let served: Served;
let here: World;
before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());
beforeEach(() => {
  here.containers.set(ID, running());
  here.usage = usage;
  here.told.length = 0;
});

const stats = async (query: string) =>
  JSON.parse((await served.ask('GET', `/containers/web/stats?${query}`)).body);

test('one shot has a sample and nothing before it', async () => {
  const seen = await stats('stream=0&one-shot=1');
  assert.equal(seen.read, '2023-11-14T22:13:20.5Z');
  assert.equal(seen.preread, '0001-01-01T00:00:00Z');
  assert.deepEqual(seen.cpu_stats.cpu_usage, {
    total_usage: 90,
    percpu_usage: [40, 50],
    usage_in_kernelmode: 30,
    usage_in_usermode: 60,
  });
  assert.equal(seen.precpu_stats.cpu_usage.total_usage, 0);
  assert.equal(seen.memory_stats.limit, 1024, 'no more than the host has');
  assert.deepEqual(seen.pids_stats, { current: 3 });
  assert.equal(seen.networks.eth0.tx_dropped, 8);
  assert.equal(seen.blkio_stats.sectors_recursive, null);
  assert.equal(seen.name, '/web');
});

test('without it there are two samples to compute from', async () => {
  const seen = await stats('stream=0');
  assert.equal(seen.precpu_stats.cpu_usage.total_usage, 90);
  assert.equal(seen.precpu_stats.system_cpu_usage, 5_000_000_000);
});

test('what version 2 does not count is left out', async () => {
  const { memory, cpu } = usage;
  const v2 = { ...memory, most: null, failures: null, limit: null };
  here.usage = { ...usage, cpu: { ...cpu, perCpuNs: null }, memory: v2 };
  const seen = await stats('stream=0&one-shot=1');
  assert.deepEqual(Object.keys(seen.memory_stats), ['usage', 'stats', 'limit']);
  assert.equal('percpu_usage' in seen.cpu_stats.cpu_usage, false);
});

test('one that does not run has zeros at once', async () => {
  here.containers.set(ID, exited());
  const seen = await stats('stream=0');
  assert.equal(seen.read, '0001-01-01T00:00:00Z');
  assert.deepEqual([seen.memory_stats, seen.pids_stats], [{}, {}]);
});

test('a stream begins at once, goes on, and ends with the container', async () => {
  const stream = await served.open('GET', '/containers/web/stats');
  const lines: string[] = [];
  for await (const chunk of stream) {
    lines.push(String(chunk));
    if (lines.length === 2) here.containers.set(ID, exited({ removed: true }));
  }
  assert.equal(JSON.parse(lines[0] ?? '').precpu_stats.cpu_usage.total_usage, 0);
  assert.equal(JSON.parse(lines[1] ?? '').precpu_stats.cpu_usage.total_usage, 90);
  assert.equal(lines.length, 2);
});

test('a stream of one shot is refused', async () => {
  assert.equal((await served.ask('GET', '/containers/web/stats?one-shot=1')).status, 400);
});

test('top hands the arguments of ps on, and is told', async () => {
  const { body } = await served.ask('GET', '/containers/web/top?ps_args=-o%20pid');
  assert.deepEqual(JSON.parse(body), { Titles: ['PID', '-o pid'], Processes: [['1', 'x']] });
  assert.deepEqual(here.told, ['top {}']);
  assert.match((await served.ask('GET', '/containers/web/top')).body, /-ef/);
  here.containers.set(ID, exited());
  assert.equal((await served.ask('GET', '/containers/web/top')).status, 409);
});
