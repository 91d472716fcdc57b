/**
 * The stdio process is killed under containers that write: they are held up, never ended by it; the
 * log says where output may be missing; follow, attach and rotation go on.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, isStopped, signal, within } from '../support/leftovers.ts';
import { Neighbours } from './neighbours.ts';

const GAP = 'shiplog: output may be missing here';
/** More than pipe and FIFO keep. */
const LINES = 60_000;

let world: Neighbours;
before(async () => {
  world = await Neighbours.open();
});
afterEach(() => world.assertQuiet());
after(() => world.daemon.stop());

/** How the shim has opened FIFOs of that stream: access modes, once each. */
function modesOf(shim: number, stream: string): readonly number[] {
  const fds = readdirSync(`/proc/${shim}/fd`).filter((fd) =>
    readlinkSync(`/proc/${shim}/fd/${fd}`).endsWith(`-${stream}`),
  );
  const modes = fds.map((fd) => {
    const [, flags = '0'] = /^flags:\s+(\d+)/m.exec(
      readFileSync(`/proc/${shim}/fdinfo/${fd}`, 'utf8'),
    ) ?? ['', '0'];
    return Number.parseInt(flags, 8) & 3;
  });
  return [...new Set(modes)].sort();
}

/** Kills the stdio process while the daemon stands still and starts no other. */
async function whileNobodyReads(body: () => Promise<void>): Promise<void> {
  const daemon = world.daemon.pid();
  signal(daemon, 'SIGSTOP');
  assert.ok(await within(5_000, () => isStopped(daemon)));
  try {
    await world.kill(world.stdio());
    await body();
  } finally {
    signal(daemon, 'SIGCONT');
  }
}

test('a container that writes while nobody reads waits, and loses nothing of that', async () => {
  const script = `echo ready; while [ ! -e /gate ]; do usleep 10000; done; seq ${LINES}; exit 9`;
  const id = (
    await world.docker('run', '-d', '--name', 'writer', 'busybox', 'sh', '-c', script)
  ).trim();
  const { Pid } = await world.state('writer');
  await within(5_000, async () => (await world.docker('logs', 'writer')) === 'ready\n');
  assert.deepEqual(modesOf(world.shim(id), 'stdout'), [0, 1], 'the shim reads and writes the FIFO');
  await whileNobodyReads(async () => {
    world.openGate(Pid);
    await sleep(700);
    assert.equal(isAlive(Pid), true, 'held up, not ended by SIGPIPE');
  });
  assert.equal((await world.becomes('writer', 'exited')).ExitCode, 9);
  const { stdout, stderr } = await world.daemon.docker('logs', 'writer');
  const numbers = Array.from({ length: LINES }, (_, at) => `${at + 1}\n`).join('');
  assert.ok(stdout === `ready\n${numbers}`, `${stdout.length} bytes of output`);
  assert.equal(stderr, `${GAP}\n`);
  await world.livesAgain('writer');
});

/** `docker attach` of a counting container, looked at while it goes on. */
function attach(name: string) {
  const env = { ...process.env, DOCKER_HOST: `unix://${world.daemon.socket}` };
  const client = spawn('docker', ['attach', '--no-stdin', name], { env, timeout: 60_000 });
  let seen = '';
  client.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString('utf8');
  });
  return {
    /** Number of the last whole line; 0: none yet. */
    last: (): number => Number(/line (\d+)\n$/.exec(seen)?.[1] ?? 0),
    /** Its exit status. */
    over: new Promise<number | null>((resolve) => client.once('close', resolve)),
  };
}

test('docker logs -f and docker attach go on over it, to the end', async () => {
  await world.counting('followed');
  const { Pid } = await world.state('followed');
  const following = world.daemon.docker('logs', '-f', 'followed');
  const attached = attach('followed');
  assert.ok(await within(10_000, () => attached.last() > 0), 'it is not attached');
  await world.kill(world.stdio());
  const [dead = 0] = (await world.numbers('followed')).slice(-1);
  // What is written before it is joined to the next process is in the log alone.
  assert.ok(await within(20_000, () => attached.last() > dead + 1), 'it does not go on');
  world.openGate(Pid);
  assert.equal((await world.becomes('followed', 'exited')).ExitCode, 9);
  const last = (await world.numbers('followed')).at(-1);
  const follower = await following;
  assert.ok(follower.stdout.endsWith(`line ${last}\n`), follower.stdout.slice(-200));
  assert.equal(follower.stderr, `${GAP}\n`);
  assert.equal(await attached.over, 9);
  assert.equal(attached.last(), last);
  await world.livesAgain('followed');
});

test('rotation goes on', async () => {
  const options = ['--log-opt', 'max-size=20k', '--log-opt', 'max-file=3'];
  const script = 'while [ ! -e /gate ]; do seq 1000; usleep 50000; done; exit 9';
  const run = ['run', '-d', '--name', 'rotated', ...options, 'busybox', 'sh', '-c', script];
  const id = (await world.docker(...run)).trim();
  const folder = join(world.daemon.dataRoot, 'containers', id);
  const logs = () => readdirSync(folder).filter((name) => name.includes('-json.log'));
  const oldest = () => statSync(join(folder, `${id}-json.log.2`), { throwIfNoEntry: false })?.ino;
  assert.ok(await within(10_000, () => oldest() !== undefined), `${logs()}`);
  await world.kill(world.stdio());
  const before = oldest();
  assert.ok(await within(10_000, () => oldest() !== undefined && oldest() !== before));
  // In the midst of a rotation there is one less.
  assert.ok(await within(5_000, () => logs().length === 3), `${logs()}`);
  await world.docker('rm', '-f', 'rotated');
});
