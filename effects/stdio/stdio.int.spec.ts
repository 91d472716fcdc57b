import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startTime } from '../system/process.ts';
import { connectStdio } from './client.ts';
import { StdioConnection } from './connection.ts';
import { gapText } from './containerLog.ts';
import { allRecords, recordsOf } from './logPage.fixture.ts';
import { readLogs } from './logs.ts';
import { socketName } from './places.ts';
import { protocolVersion } from './protocol.ts';
import {
  all,
  children,
  collect,
  connectAgain,
  dir,
  listOf,
  logged,
  parameters,
  pidOf,
  records,
  shimStdin,
  stdio,
  until,
  writer,
} from './stdio.fixture.ts';

const client = new URL('./client.ts', import.meta.url).href;

test('both outputs of a run are logged, its end is told, its files go with it', async () => {
  const paths = await stdio.open(parameters());
  assert.deepEqual(await stdio.open(parameters()), paths);
  assert.equal(paths.stdin, '');
  await pause(100);
  assert.equal((await stdio.list())[0]?.ended, false, 'no end before any writer');
  writer(paths, 'echo out; echo err >&2');
  assert.equal(await stdio.awaitEnd('c1', 1, 5000), true);
  assert.equal(logged(), 'out\n');
  assert.equal(logged('stderr'), 'err\n');
  assert.equal(fs.statSync(join(dir, 'c1-json.log')).mode & 0o777, 0o640);
  await stdio.close('c1', 1);
  await stdio.close('c1', 1);
  assert.equal(fs.existsSync(join(dir, 's/c1')), false);
  assert.deepEqual(await stdio.list(), []);
  assert.equal(await stdio.awaitEnd('c1', 1, 5000), true);
});

test('waiting for the end takes no longer than allowed, and close reads what is left', async () => {
  const paths = await stdio.open(parameters());
  writer(paths, 'printf unfinished; sleep 60');
  await pause(100);
  assert.equal(await stdio.awaitEnd('c1', 1, 200), false);
  assert.equal(fs.readFileSync(join(dir, 'c1-json.log'), 'utf8'), '');
  await stdio.close('c1', 1);
  assert.equal(logged(), 'unfinished');
});

test('a run whose writer came and went while no process read ends when asked', async () => {
  const paths = await stdio.open(parameters());
  await stdio.shutdown();
  const gone = spawn('sh', ['-c', `exec 3<>'${paths.stdout}' 4<>'${paths.stderr}'; echo lost >&3`]);
  await once(gone, 'exit');
  await connectAgain();
  assert.equal((await stdio.list())[0]?.ended, false);
  assert.equal(await stdio.awaitEnd('c1', 1, 60_000), true);
});

test('a run opened again after its writer failed is read again', async () => {
  const paths = await stdio.open(parameters());
  writer(paths, 'echo one');
  await stdio.awaitEnd('c1', 1, 5000);
  assert.deepEqual(await stdio.open(parameters()), paths);
  writer(paths, 'echo two');
  await until(() => fs.readFileSync(parameters().logPath, 'utf8').includes('two'));
  assert.equal(await stdio.awaitEnd('c1', 1, 5000), true);
  assert.equal(logged(), 'one\ntwo\n');
});

test('long lines are cut, their pieces share a time, and streams do not mix', async () => {
  const paths = await stdio.open(parameters());
  const long = 'head -c 40000 /dev/zero | tr "\\0" x';
  writer(paths, `${long}; echo e >&2; sleep 0.1; echo; printf 'last'`);
  assert.equal(await stdio.awaitEnd('c1', 1, 5000), true);
  const out = records().filter(({ stream }) => stream === 'stdout');
  assert.deepEqual(
    out.map(({ line }) => line.length),
    [16384, 16384, 7233, 4],
  );
  assert.equal(out[0]?.timeNs, out[2]?.timeNs);
  assert.equal(logged('stderr'), 'e\n');
  assert.ok(logged().endsWith('x\nlast'));
});

test('when the daemon is killed amid 10 MB of output the log is complete', async () => {
  const code = `
    const { connectStdio } = await import(${JSON.stringify(client)});
    const stdio = await connectStdio({ dir: ${JSON.stringify(join(dir, 's'))} });
    const paths = await stdio.open(${JSON.stringify(parameters())});
    const duplex = await stdio.attach('c1', ${JSON.stringify(all)});
    process.send(paths);
    duplex.resume();`;
  const daemon = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(daemon);
  const [paths] = await once(daemon, 'message');
  writer(paths, 'seq 1 1400000');
  await until(() => fs.statSync(parameters().logPath).size > 2_000_000);
  daemon.kill('SIGKILL');
  assert.equal(await stdio.awaitEnd('c1', 1, 30_000), true);
  const text = logged();
  assert.ok(text.length > 10_000_000);
  assert.equal(text, Array.from({ length: 1_400_000 }, (_, i) => `${i + 1}\n`).join(''));
});

test('the process is in its own session and ignores what is meant for the daemon', async () => {
  const pid = await pidOf();
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
  assert.equal(stat?.[3], String(pid), 'session');
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) process.kill(pid, signal);
  await pause(100);
  assert.equal(await pidOf(), pid);
  const second = await connectStdio({ dir: join(dir, 's') });
  assert.equal((await second.ping()).pid, pid);
  second.disconnect();
  const saved = JSON.parse(fs.readFileSync(join(dir, 's/pid'), 'utf8'));
  assert.equal(saved.startTime, startTime(pid));
});

test('a killed process is started anew and goes on with open FIFOs', async () => {
  const paths = await stdio.open(parameters({ openStdin: true }));
  const script = 'echo one; read a <&6; echo $a; exec 5>&-; cat <&6; sleep 0.3; echo four';
  writer(paths, `${shimStdin(paths.stdin, false)}; ${script}`);
  await until(() => fs.readFileSync(parameters().logPath, 'utf8').includes('one'));
  const follower = allRecords(
    readLogs({
      path: parameters().logPath,
      driver: 'json-file',
      options: { ...all, follow: true, sinceNs: null, untilNs: null, tail: null },
      watch: stdio.watch('c1'),
    }),
  );
  const before = await pidOf();
  process.kill(before, 'SIGKILL');
  await until(async () => (await pidOf()) !== before);
  assert.equal(stdio.state(), 'connected');
  const attached = await stdio.attach('c1', all);
  attached.write('two\n');
  await until(() => fs.readFileSync(parameters().logPath, 'utf8').includes('two'));
  await stdio.closeStdin('c1', 1);
  assert.equal(await stdio.awaitEnd('c1', 1, 5000), true);
  assert.equal(logged(), 'one\ntwo\nfour\n');
  assert.equal((await collect(attached)).stdout, 'two\nfour\n');
  assert.deepEqual(
    (await follower).map(({ line }) => String(line)),
    ['one\n', `${gapText}\n`, 'two\n', 'four\n'],
  );
});

test('what is written while no process reads is read by the next, half lines too', async () => {
  const paths = await stdio.open(parameters());
  const mark = join(dir, 'mark');
  writer(paths, `printf 'begin '; until [ -e '${mark}' ]; do sleep 0.01; done; echo end; sleep 60`);
  await pause(200);
  await stdio.shutdown();
  fs.writeFileSync(mark, '');
  await pause(200);
  await connectAgain();
  await until(() => fs.readFileSync(parameters().logPath, 'utf8') !== '');
  assert.equal(logged(), 'begin end\n');
});

test('a log is followed until the run ends, and not at all without a run', async () => {
  const paths = await stdio.open(parameters());
  const options = { ...all, follow: true, sinceNs: null, untilNs: null, tail: 1 };
  const path = parameters().logPath;
  writer(paths, 'echo 1; echo 2; sleep 0.2; echo 3; sleep 0.2; printf 4');
  await until(() => fs.readFileSync(path, 'utf8').includes('2\\n'));
  const lines: string[] = [];
  for await (const page of readLogs({
    path,
    driver: 'json-file',
    options,
    watch: stdio.watch('c1'),
  })) {
    for (const { line } of recordsOf(page)) lines.push(String(line));
  }
  assert.deepEqual(lines, ['2\n', '3\n', '4']);
  assert.deepEqual(await listOf(stdio.watch('c1')), ['ended']);
});

test('following stops when it is aborted', async () => {
  await stdio.open(parameters());
  const abort = new AbortController();
  const events = listOf(stdio.watch('c1', abort.signal));
  await pause(100);
  abort.abort();
  assert.deepEqual(await events, ['grew']);
});

test('what cannot be done is refused with its reason', async () => {
  await assert.rejects(stdio.open(parameters({ logOptions: { 'max-file': '0' } })), {
    kind: 'failed',
    message: /max-file cannot be less than 1/,
  });
  await assert.rejects(stdio.open(parameters({ logPath: join(dir, 'no/where') })), /ENOENT/);
  await assert.rejects(stdio.open(parameters({ container: '../x' })), /container is not an id/);
  await assert.rejects(stdio.attach('../x', all), /container is not an id/);
  assert.deepEqual(await stdio.list(), []);
});

test('a process of an earlier version hands its runs over to one of this version', async () => {
  const served = new URL('./serve.ts', import.meta.url).href;
  await stdio.shutdown();
  const code = `(await import('${served}')).serve('${join(dir, 's')}', 1)`;
  const earlier = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
  children.push(earlier);
  const old = await dialled(dir);
  assert.equal(old.hello?.version, 1);
  const asked = await old.request('open', parameters(), 10_000);
  const mark = join(dir, 'mark');
  writer(asked, `printf 'one '; until [ -e '${mark}' ]; do sleep 0.01; done; echo two`);
  await until(async () => (await old.request('list', {}, 10_000)).runs.length === 1);
  old.socket.destroy();
  await connectAgain();
  const hello = await stdio.ping();
  assert.equal(hello.version, protocolVersion);
  assert.notEqual(hello.pid, earlier.pid);
  fs.writeFileSync(mark, '');
  assert.equal(await stdio.awaitEnd('c1', 1, 10_000), true);
  assert.equal(logged(), 'one two\n');
});

test('a process that hands over tells nobody of an end: the next one is asked', async () => {
  const mark = join(dir, 'mark');
  const paths = await stdio.open(parameters());
  const attached = collect(await stdio.attach('c1', all));
  writer(paths, `echo one; until [ -e '${mark}' ]; do sleep 0.01; done; echo two`);
  await until(() => fs.readFileSync(parameters().logPath, 'utf8').includes('one'));
  const ended: string[] = [];
  const tell = (name: string) => (value: boolean) => ended.push(`${name} ${value}`);
  const waits = [
    stdio.awaitEnd('c1', 1, 10_000).then(tell('await')),
    stdio.untilEnd('c1', 1).then(tell('until')),
  ];
  await pause(50);
  const { pid } = await stdio.ping();
  await (await dialled(dir)).request('shutdown', {}, 10_000);
  await until(async () => (await stdio.ping()).pid !== pid);
  await pause(100);
  assert.deepEqual(ended, ['until false'], 'whoever asked that process alone knows nothing');
  const again = stdio.untilEnd('c1', 1).then(tell('until'));
  fs.writeFileSync(mark, '');
  await Promise.all([...waits, again]);
  assert.deepEqual(ended.toSorted(), ['await true', 'until false', 'until true']);
  assert.equal(logged(), 'one\ntwo\n');
  assert.equal((await attached).stdout, 'one\ntwo\n');
});

/** A connection to whatever serves, of whatever version. */
async function dialled(where: string): Promise<StdioConnection> {
  const path = join(where, 's', socketName);
  let connection: StdioConnection | undefined;
  await until(async () => {
    if (!fs.existsSync(path)) return false;
    connection = await StdioConnection.dial(path, 1000).catch(() => undefined);
    return connection !== undefined;
  });
  return connection ?? assert.fail();
}

test('driver local keeps what was written byte for byte, and it is read back so', async () => {
  const bytes = randomBytes(300_000);
  const source = join(dir, 'source');
  fs.writeFileSync(source, bytes);
  const logPath = join(dir, 'logs', 'container.log');
  const paths = await stdio.open(parameters({ logDriver: 'local', logPath }));
  writer(paths, `cat '${source}'`);
  assert.equal(await stdio.awaitEnd('c1', 1, 10_000), true);
  const options = { ...all, follow: false, sinceNs: null, untilNs: null, tail: null };
  const records = await allRecords(
    readLogs({ path: logPath, driver: 'local', options, watch: undefined }),
  );
  assert.ok(Buffer.concat(records.map(({ line }) => line)).equals(bytes));
  await stdio.close('c1', 1);
});

test('driver none keeps nothing and serves clients', async () => {
  const paths = await stdio.open(parameters({ logDriver: 'none' }));
  const attached = await stdio.attach('c1', all);
  writer(paths, 'echo only here');
  assert.equal((await collect(attached)).stdout, 'only here\n');
  assert.equal(fs.existsSync(parameters().logPath), false);
});
