/** The typed client against an HTTP server on a socket, and what the commands make of answers. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { NativeContainer, NativeStatus } from '../../api/openapi.gen.ts';
import { inspect } from '../commands/inspect.ts';
import { reconcile } from '../commands/reconcile.ts';
import { reload } from '../commands/reload.ts';
import { status } from '../commands/status.ts';
import { OptionError } from '../optionError.ts';
import { ClientError, createClient } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'shiplog-cli-'));
const path = join(directory, 's.sock');
const asked: string[] = [];
let answer = { status: 200, body: {} as unknown };
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    asked.push(`${request.method} ${request.url} ${body}`.trim());
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
});
before(() => new Promise<void>((resolve) => server.listen(path, resolve)));
after(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const client = createClient({ kind: 'unix', path });
let printed = '';
const around = {
  print: (text: string) => {
    printed = text;
  },
  progress: () => undefined,
  pause: async () => undefined,
  terminal: false,
  env: { DOCKER_HOST: `unix://${path}` },
};

const well: NativeStatus = {
  version: '0.1.0',
  position: 12,
  ready: true,
  containerd: { connected: true, awaySince: null, version: '1.6', address: '/c', namespace: 'n' },
  stdio: { connected: true, awaySince: null },
  stoppedActors: [],
  agenda: { effects: 0, timers: 1, exits: 2 },
  reconcile: { at: '2026-01-02T03:04:05.000000006Z', checked: 1, differences: [] },
  waiting: [],
  subscribers: [],
};

test('an error says what the daemon said, or that there is no daemon', async () => {
  answer = { status: 404, body: { message: 'No such container: x' } };
  await assert.rejects(client.container('x/y'), (error) => {
    assert.ok(error instanceof ClientError);
    assert.deepEqual([error.status, error.message], [404, 'No such container: x']);
    return true;
  });
  assert.equal(asked.at(-1), 'GET /shiplog/v1/containers/x%2Fy');
  const nobody = createClient({ kind: 'unix', path: join(directory, 'none') });
  await assert.rejects(nobody.status(), /no shiplog daemon at unix:.* \(ENOENT\)/);
});

test('status exits with 2 when something needs attention', async () => {
  answer = { status: 200, body: well };
  assert.equal(await status.run([], around), 0);
  assert.match(printed, /^daemon +0\.1\.0, ready$/m);
  assert.match(printed, /0 steps, 1 timer, 2 awaited ends/);
  const since = '2026-01-02T03:04:05.123456789Z';
  const troubles: Partial<NativeStatus>[] = [
    { ready: false },
    { containerd: { ...well.containerd, connected: false, awaySince: since } },
    { stdio: { connected: false, awaySince: since } },
    { stoppedActors: [{ stream: 'container/x', reason: 'a bug' }] },
    {
      reconcile: {
        at: since,
        checked: 1,
        differences: [{ kind: 'x', subject: 'x', sentence: 'X' }],
      },
    },
  ];
  for (const trouble of troubles) {
    answer = { status: 200, body: { ...well, ...trouble } };
    assert.equal(await status.run([], around), 2, JSON.stringify(trouble));
  }
  assert.match(printed, /^differs: X$/m);
});

test('inspect shows a life, an exit that nobody knows as unknown', async () => {
  const life: NativeContainer = {
    id: 'ab'.repeat(32),
    name: 'web',
    image: 'busybox',
    command: ['sleep', '1'],
    state: 'removed',
    createdAt: '2026-01-02T03:04:05.000000006Z',
    adopted: null,
    waitsFor: null,
    states: [],
    runs: [
      {
        run: 1,
        pid: 7,
        startedAt: '2026-01-02T03:04:06.000000006Z',
        exit: {
          code: null,
          at: null,
          recordedAt: '2026-01-02T03:04:07.000000006Z',
          oomKilled: false,
          outputEnded: true,
          evidence: 'no task',
        },
      },
    ],
    removal: null,
    shortened: false,
  };
  answer = { status: 200, body: life };
  assert.equal(await inspect.run(['web'], around), 0);
  assert.match(printed, /run 1 .* recorded 2026-01-02T03:04:07\.000Z +exit unknown \(no task\)/);
  assert.equal(await inspect.run(['web', '--format', 'json'], around), 0);
  assert.deepEqual(JSON.parse(printed), life);
  await assert.rejects(inspect.run([], around), OptionError);
});

test('reconcile exits with 2 for differences and for what was not adopted', async () => {
  const at = '2026-01-02T03:04:05.000000006Z';
  const found = { at, checked: 2, dryRun: false, adopted: [], notAdopted: [] };
  const differences = [{ kind: 'x', subject: 'x', sentence: 'task x is unknown' }];
  answer = { status: 200, body: { ...found, differences } };
  assert.equal(await reconcile.run(['--dry-run'], around), 2);
  assert.equal(
    asked.at(-1),
    'POST /shiplog/v1/reconcile {"dryRun":true,"adoptAll":false,"adopt":[]}',
  );
  assert.equal(printed, 'task x is unknown\n');
  assert.equal(await reconcile.run([], around), 0);
  answer = { status: 200, body: { ...found, differences: [] } };
  assert.equal(await reconcile.run(['--adopt'], around), 0);
  assert.match(asked.at(-1) ?? '', /"adoptAll":true,"adopt":\[\]/);
  assert.equal(printed, '2 containers compared, nothing differs\n');
  const notAdopted = [{ id: 'x', reason: 'no record' }];
  answer = { status: 200, body: { ...found, differences, notAdopted } };
  assert.equal(await reconcile.run(['--adopt', 'x'], around), 2);
  assert.match(asked.at(-1) ?? '', /"adoptAll":false,"adopt":\["x"\]/);
  assert.match(printed, /^not adopted: x: no record$/m);
});

test('what makes no sense is refused before anybody is asked', async () => {
  const { length } = asked;
  for (const argv of [['--dry-run', '--adopt'], ['web'], ['--nonsense'], ['--format', 'xml']])
    await assert.rejects(reconcile.run(argv, around), OptionError, argv.join(' '));
  await assert.rejects(status.run(['-H', 'http://x'], around), OptionError);
  assert.equal(asked.length, length);
});

test('reload exits with 2 for what needs a restart', async () => {
  answer = { status: 200, body: { changed: ['labels'], atRestart: [], warnings: [] } };
  assert.equal(await reload.run([], around), 0);
  assert.equal(asked.at(-1), 'POST /shiplog/v1/reload');
  assert.equal(printed, 'changed: labels\n');
  answer = { status: 200, body: { changed: [], atRestart: ['mtu'], warnings: ['w'] } };
  assert.equal(await reload.run([], around), 2);
  assert.equal(printed, 'nothing changed\nnot before a restart: mtu\nwarning: w\n');
});
