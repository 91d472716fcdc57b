/**
 * Containers that end while no daemon is there: twenty run, the daemon is killed, five of them end
 * meanwhile and write to their last moment. The next daemon knows every exit and every line.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { isAlive, within } from '../support/leftovers.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { assertConverges, assertLeaks, assertLogSound, assertNoBug } from './invariants.ts';

interface Ending {
  readonly name: string;
  readonly code: number;
  /** Lines that it writes while the daemon is away. */
  readonly lines: number;
}

const UP = Array.from({ length: 15 }, (_, at) => `up-${at}`);
const ENDING: readonly Ending[] = [
  { name: 'ends-0', code: 0, lines: 10 },
  { name: 'ends-1', code: 1, lines: 0 },
  { name: 'ends-7', code: 7, lines: 1_000 },
  // Over 2 MB each: far more than the kernel keeps in a FIFO.
  { name: 'ends-42', code: 42, lines: 60_000 },
  { name: 'ends-255', code: 255, lines: 60_000 },
];
const BALLAST = 'so that a line has some length';
/** More than a busy machine needs between two lines, less than the daemon is away. */
const LONGEST_PAUSE_MS = 2_000;
const AWAY_MS = 3_000;

const COUNT = 'trap "exit 0" TERM; n=0; while :; do n=$((n+1)); echo "line $n"; usleep 50000; done';
/** Waits for a file in its root, writes, and ends. */
const ending = ({ code, lines }: Ending): string =>
  [
    'echo line 1',
    'while [ ! -e /gate ]; do usleep 10000; done',
    `[ ${lines} = 0 ] || seq 2 $((1+${lines})) | sed "s/.*/line & ${BALLAST}/"`,
    `printf "the end"; exit ${code}`,
  ].join('; ');

interface Inspected {
  readonly State: {
    readonly Status: string;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly FinishedAt: string;
    readonly StartedAt: string;
  };
}

let daemon: TemporaryDaemon;
const pids = new Map<string, number>();
/** When each process was seen to be gone, milliseconds since 1970. */
const goneAt = new Map<string, number>();

before(async () => {
  daemon = await startTemporaryDaemon();
  const { archive } = await buildBusyboxImage();
  assert.equal((await daemon.dockerWith({ input: archive }, 'load')).code, 0);
});
after(() => daemon.stop());

async function docker(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.docker(...args);
  assert.equal(code, 0, `docker ${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function inspect(name: string): Promise<Inspected> {
  return JSON.parse((await daemon.request('GET', `/containers/${name}/json`)).body);
}

test('twenty containers run', async () => {
  const scripts: [string, string][] = UP.map((name) => [name, COUNT]);
  for (const end of ENDING) scripts.push([end.name, ending(end)]);
  for (const [name, script] of scripts) {
    await docker('run', '-d', '--name', name, 'busybox', 'sh', '-c', script);
    pids.set(name, (await inspect(name)).State.Pid);
  }
  const running = await docker('ps', '-q');
  assert.equal(running.trim().split('\n').length, 20);
});

test('five of them end while no daemon is there: nothing holds them up', async () => {
  await daemon.kill9();
  await sleep(500);
  for (const { name } of ENDING) writeFileSync(`/proc/${pids.get(name)}/root/gate`, '');
  const allGone = await within(20_000, () => {
    for (const { name } of ENDING) {
      if (!goneAt.has(name) && !isAlive(pids.get(name) ?? 0)) goneAt.set(name, Date.now());
    }
    return goneAt.size === ENDING.length;
  });
  assert.ok(allGone, `ended: ${[...goneAt.keys()]}`);
  await sleep(AWAY_MS);
  await daemon.restart();
});

test('the next daemon shows 15 up and 5 exited, with their codes and times', async () => {
  const rows = (await docker('ps', '-a', '--format', '{{.Names}}\t{{.Status}}')).trim().split('\n');
  const status = new Map(rows.map((row) => row.split('\t') as [string, string]));
  assert.equal(status.size, 20);
  for (const name of UP) {
    assert.match(status.get(name) ?? '', /^Up /, name);
    assert.equal((await inspect(name)).State.Pid, pids.get(name));
  }
  for (const { name, code } of ENDING) {
    assert.ok(status.get(name)?.startsWith(`Exited (${code}) `), `${name}: ${status.get(name)}`);
    const { State } = await inspect(name);
    assert.deepEqual([State.Status, State.ExitCode], ['exited', code]);
    const off = Math.abs(Date.parse(State.FinishedAt) - (goneAt.get(name) ?? 0));
    assert.ok(off < 1_000, `${name} finished ${State.FinishedAt}, ${off} ms off`);
  }
});

test('their logs are complete, up to the last words before the exit', async () => {
  for (const { name, lines } of ENDING) {
    const expected = Array.from({ length: lines }, (_, at) => `line ${at + 2} ${BALLAST}\n`);
    assert.equal(await docker('logs', name), `line 1\n${expected.join('')}the end`, name);
  }
});

test('those that run on wrote all the time', async () => {
  for (const name of UP) {
    const written = (await docker('logs', '-t', name)).trimEnd().split('\n');
    let last = Date.parse(written[0]?.split(' ')[0] ?? '');
    written.forEach((row, at) => {
      const [time = '', ...words] = row.split(' ');
      assert.equal(words.join(' '), `line ${at + 1}`, name);
      assert.ok(Date.parse(time) - last < LONGEST_PAUSE_MS, `${name} paused before ${row}`);
      last = Date.parse(time);
    });
    assert.ok(Date.now() - last < LONGEST_PAUSE_MS, `${name} writes no more`);
  }
});

test('all can be stopped and removed, and nothing is left', async () => {
  await assertConverges(daemon);
  await docker('stop', ...UP);
  for (const name of UP) assert.equal((await inspect(name)).State.ExitCode, 0, name);
  await docker('rm', ...UP, ...ENDING.map(({ name }) => name));
  await assertLeaks(daemon, []);
  assertLogSound(daemon);
  assertNoBug(daemon);
});
