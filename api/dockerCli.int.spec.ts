/** The unmodified docker client against the facade over fake ports. Skipped where there is none. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { frame } from './stdcopy.ts';
import { type Served, serve, sleep, text } from './testing/client.ts';
import { details, exited, ID, running, type World, world } from './testing/fakes.ts';

const absent = spawnSync('docker', ['--version']).error !== undefined;

let served: Served;
let here: World;

before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function docker(words: readonly string[], input?: string): Promise<Result> {
  const child = spawn('docker', ['-H', `unix://${served.path}`, ...words], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' },
  });
  child.stdin.end(input);
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

const options = { skip: absent && 'no docker client here', timeout: 20_000 };

test('version and info are understood', options, async () => {
  const version = await docker([
    'version',
    '--format',
    '{{.Server.Version}} {{.Server.APIVersion}}',
  ]);
  assert.deepEqual([version.stdout, version.stderr], ['29.0.0 1.55\n', '']);
  const info = await docker(['info']);
  assert.equal(info.code, 0, info.stderr);
  assert.match(info.stdout, /Server Version: 29\.0\.0/);
  assert.match(info.stdout, /Default Runtime: runc/);
});

test('ps and inspect show a container', options, async () => {
  here.containers.set(ID, running());
  const { stdout } = await docker([
    'ps',
    '--format',
    '{{.Names}} {{.Status}} {{.Command}}',
    '--no-trunc',
  ]);
  assert.equal(stdout, `web Up 5 minutes "sh -c 'echo hi'"\n`);
  const inspect = await docker([
    'inspect',
    'web',
    '--format',
    '{{.State.Pid}} {{.HostConfig.IpcMode}}',
  ]);
  assert.equal(inspect.stdout, '42 private\n');
  const missing = await docker(['inspect', 'nope']);
  assert.match(missing.stderr, /No such object: nope/);
  const images = await docker(['images', '--format', '{{.Repository}}:{{.Tag}} {{.Size}}']);
  assert.equal(images.stdout, 'busybox:latest 4MB\n');
});

test('events are printed and end with until', options, async () => {
  here.append(`container/${ID}`, 'container.start');
  here.nowNs += 2_500_000_000n;
  const until = String(here.nowNs / 1_000_000_000n);
  const { stdout } = await docker([
    'events',
    '--since',
    '1',
    '--until',
    until,
    '--format',
    '{{.Action}}',
  ]);
  assert.equal(stdout, 'start\n');
});

/** Lets the started container say something and end, as a real one would. */
async function runs(stdout: string, stderr: string, code: number): Promise<void> {
  for (
    let tries = 0;
    !here.submitted.some(({ type }) => type === 'start') && tries < 500;
    tries += 1
  )
    await sleep(10);
  const attachment = here.attachments.at(-1);
  attachment?.push(frame('stdout', Buffer.from(stdout)));
  attachment?.push(frame('stderr', Buffer.from(stderr)));
  attachment?.push(null);
  const id = here.submitted.flatMap((command) =>
    command.type === 'create' ? [command.id] : [],
  )[0];
  here.append(`container/${id}`, 'container.exited', { code });
  here.containers.set(id ?? '', exited({ id: id ?? '', removed: true, exitCode: code }));
  here.append(`container/${id}`, 'container.removed');
}

/** Accepts create, and makes the created container known to the read model. */
function creates(changes: Parameters<typeof details>[0] = {}): void {
  here.submitted.length = 0;
  here.attachments.length = 0;
  const { push } = Array.prototype;
  here.submitted.push = function (...commands) {
    for (const command of commands)
      if (command.type === 'create')
        here.containers.set(
          command.id,
          details({ id: command.id, name: command.name, ...changes }),
        );
    return push.apply(this, commands);
  };
}

test('run --rm prints both streams and ends with the exit code', options, async () => {
  creates();
  const [result] = await Promise.all([
    docker(['run', '--rm', 'busybox', 'sh']),
    runs('out\n', 'err\n', 42),
  ]);
  assert.deepEqual(result, { code: 42, stdout: 'out\n', stderr: 'err\n' });
});

test('run -i passes stdin on, to its end', options, async () => {
  creates({ config: { ...details().config, OpenStdin: true, StdinOnce: true } });
  const [result] = await Promise.all([
    docker(['run', '-i', '--rm', 'busybox', 'cat'], 'typed\n'),
    sleep(300).then(() => runs('typed\n', '', 0)),
  ]);
  assert.deepEqual(result, { code: 0, stdout: 'typed\n', stderr: '' });
  const attachment = here.attachments.at(-1);
  assert.equal(Buffer.concat(attachment?.stdin ?? []).toString(), 'typed\n');
  assert.equal(attachment?.stdinEnded, true);
});

test('all options of run that are carried out are accepted', options, async () => {
  creates();
  const words = `run -d --name full -e A=1 -w /tmp -u 1:1 -l x=y --entrypoint sh --hostname h
    --network none --stop-signal INT --stop-timeout 3 --read-only --shm-size 1m --pid host
    --ipc none --annotation a=b --platform linux/amd64 busybox -c true`;
  const result = await docker(words.split(/\s+/));
  assert.equal(result.stderr, '');
  assert.match(result.stdout, /^[0-9a-f]{64}\n$/);
});

test('an option that is refused, and an unknown image, are told plainly', options, async () => {
  creates();
  const bind = await docker(['run', '-v', '/a:b', 'busybox']);
  assert.deepEqual([bind.code, /mount path must be absolute/.test(bind.stderr)], [125, true]);
  const pull = await docker(['run', 'alpine']);
  assert.deepEqual([pull.code, /does not support pulling images/.test(pull.stderr)], [125, true]);
});
