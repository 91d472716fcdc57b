/**
 * Rough use: random bytes through everything that carries them, many clients at once, clients that
 * do not read or that vanish; and what the daemon and its stdio process hold meanwhile.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { run } from '../support/temporaryDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const MiB = 1024 * 1024;
const bytes = randomBytes(3 * MiB);
const sha = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
const sum = sha(bytes);
const file = join(daemon.dir, 'random');

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
/** A command line of the shell, so that what passes is bytes and no text. */
async function sh(command: string): Promise<string> {
  const env = {
    ...process.env,
    DOCKER_HOST: `unix://${daemon.socket}`,
    DOCKER_CONFIG: join(daemon.dir, 'docker'),
  };
  return success(await run('sh', ['-c', command], { env })).split(' ')[0] ?? '';
}

const rssKiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
const stdioPid = (): number =>
  JSON.parse(readFileSync(join(daemon.execRoot, 'stdio', 'pid'), 'utf8')).pid;

before(async () => {
  writeFileSync(file, bytes);
  await docker('run', '-d', '--name', 'box', 'busybox', 'sleep', '1000');
});

test('random bytes come back through attach, exec, cp, export and commit', async () => {
  const limits = '--log-driver none';
  assert.equal(await sh(`docker run --rm -i ${limits} busybox cat <${file} | sha256sum`), sum);
  assert.equal(await sh(`docker run --rm -i ${limits} busybox cat <${file} | wc -c`), `${3 * MiB}`);
  assert.equal(await sh(`docker exec -i box cat <${file} | sha256sum`), sum);
  await docker('cp', file, 'box:/random');
  assert.equal(await sh(`docker exec box cat /random | sha256sum`), sum);
  assert.equal(await sh(`docker cp box:/random - | tar -xO random | sha256sum`), sum);
  assert.equal(await sh(`docker export box | tar -xO random | sha256sum`), sum);
  await docker('commit', 'box', 'copied');
  assert.equal(await sh(`docker run --rm copied cat /random | sha256sum`), sum);
});

/** A hijacked attach; what comes is the test's to read. */
async function attach(name: string, query = 'stream=1&stdout=1'): Promise<Socket> {
  const socket = connect({ path: daemon.socket });
  socket.on('error', () => socket.destroy());
  const head = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';
  socket.write(`POST /containers/${name}/attach?${query} HTTP/1.1\r\n${head}`);
  await new Promise((resolve) => socket.once('readable', resolve));
  return socket;
}

test('two hundred attached clients each get all of it', async () => {
  await docker('create', '--name', 'loud', 'busybox', 'seq', '2000');
  const sockets = await Promise.all(Array.from({ length: 200 }, () => attach('loud')));
  const lengths = sockets.map(async (socket) => {
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk);
    const all = Buffer.concat(chunks);
    let at = all.indexOf('\r\n\r\n') + 4;
    const payloads: Buffer[] = [];
    while (at < all.length) {
      const end = at + 8 + all.readUInt32BE(at + 4);
      payloads.push(all.subarray(at + 8, end));
      at = end;
    }
    return sha(Buffer.concat(payloads));
  });
  await docker('start', 'loud');
  const expected = sha(
    Buffer.from(Array.from({ length: 2000 }, (_, index) => `${index + 1}\n`).join('')),
  );
  assert.deepEqual([...new Set(await Promise.all(lengths))], [expected]);
});

test('a client that does not read is held for, at flat memory, and goes as it came', async () => {
  const pids = [daemon.pid(), stdioPid()];
  const before = pids.map(descriptors);
  const writes = 'yes 0123456789012345678901234567890123456789 | head -c 120000000; echo over >&2';
  await docker('create', '--name', 'flood', '--log-driver', 'none', 'busybox', 'sh', '-c', writes);
  const slow = await Promise.all([1, 2, 3].map(() => attach('flood')));
  for (const socket of slow) socket.pause();
  const idle = pids.map(rssKiB);
  await docker('start', 'flood');
  const running = '{{.State.Running}}';
  // It is held up: what it has to write is far more than is held for anybody.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal(await docker('inspect', '-f', running, 'flood'), 'true');
  pids.forEach((pid, index) => {
    const more = rssKiB(pid) - (idle[index] ?? 0);
    assert.ok(
      more < 40_000,
      `${index === 0 ? 'the daemon' : 'the stdio process'} grew by ${more} KiB`,
    );
  });
  for (const socket of slow) socket.destroy();
  assert.equal(await docker('wait', 'flood'), '0');
  assert.ok(
    await within(10_000, () => pids.every((pid, i) => descriptors(pid) <= (before[i] ?? 0))),
    `${pids.map(descriptors)} descriptors, ${before} before`,
  );
});

test('64 MiB through run arrive whole, with driver none and flat memory', async () => {
  const pids = [daemon.pid(), stdioPid()];
  const idle = pids.map(rssKiB);
  const flow = 'yes 0123456789 | head -c 67108864';
  const peaks = [0, 0];
  const timer = setInterval(() => {
    pids.forEach((pid, i) => {
      peaks[i] = Math.max(peaks[i] ?? 0, rssKiB(pid) - (idle[i] ?? 0));
    });
  }, 100);
  try {
    const command = `docker run --rm --log-driver none busybox sh -c '${flow}' | sha256sum`;
    assert.equal(await sh(command), await sh(`${flow} | sha256sum`));
  } finally {
    clearInterval(timer);
  }
  assert.ok(
    peaks.every((more) => more < 60_000),
    `grew by ${peaks} KiB`,
  );
});
