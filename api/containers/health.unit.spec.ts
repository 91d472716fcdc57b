/** Health checks as clients give and see them. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Served, serve } from '../testing/client.ts';
import { type details, ID, image, OTHER_ID, running, type World, world } from '../testing/fakes.ts';

let served: Served;
let here: World;

before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());
beforeEach(() => {
  here.containers.clear();
  here.images.splice(0, here.images.length, image());
  here.submitted.length = 0;
  here.probes.clear();
});

const create = (Healthcheck: unknown, version = '') =>
  served.ask('POST', `${version}/containers/create`, { Image: 'busybox', Cmd: ['x'], Healthcheck });

/** What the container is given, of what was asked for and what the image has. */
async function given(asked: unknown, ofImage?: object, version = ''): Promise<unknown> {
  if (ofImage !== undefined) {
    here.images.splice(0, 1, image({ config: { Healthcheck: ofImage as never } }));
  }
  const answer = await create(asked, version);
  assert.equal(answer.status, 201, answer.body);
  const command = here.submitted.at(-1);
  assert.ok(command?.type === 'create');
  return command.config.Healthcheck;
}

const refusals: readonly (readonly [object, string])[] = [
  [{ Interval: 999_999 }, 'Interval in Healthcheck cannot be less than 1ms'],
  [{ Interval: -1 }, 'Interval in Healthcheck cannot be less than 1ms'],
  [{ Timeout: 1 }, 'Timeout in Healthcheck cannot be less than 1ms'],
  [{ Retries: -1 }, 'Retries in Healthcheck cannot be negative'],
  [{ StartPeriod: 1 }, 'StartPeriod in Healthcheck cannot be less than 1ms'],
  [{ StartInterval: 1 }, 'StartInterval in Healthcheck cannot be less than 1ms'],
];
for (const [asked, message] of refusals) {
  test(`${JSON.stringify(asked)} is refused: ${message}`, async () => {
    const answer = await create(asked);
    assert.equal(answer.status, 400);
    assert.equal(JSON.parse(answer.body).message, message);
  });
}

test('a container has its image’s check where it says nothing itself, field by field', async () => {
  const ofImage = { Test: ['CMD', 'i'], Interval: 5_000_000, Retries: 4, StartInterval: 2_000_000 };
  assert.deepEqual(await given(undefined, ofImage), ofImage);
  assert.deepEqual(await given(null, ofImage), ofImage);
  assert.deepEqual(await given({ Test: [], Interval: 0, Retries: 1 }, ofImage), {
    ...ofImage,
    Retries: 1,
  });
  assert.deepEqual(await given({ Test: ['NONE'] }, ofImage), { ...ofImage, Test: ['NONE'] });
  assert.equal(await given(undefined, {}), undefined);
  assert.deepEqual(await given({ Test: ['CMD', 'x'], Timeout: 1_000_000 }, {}), {
    Test: ['CMD', 'x'],
    Timeout: 1_000_000,
  });
});

test('below 1.44 nobody knows a start interval', async () => {
  const asked = { Test: ['CMD', 'x'], StartInterval: 1_000_000 };
  assert.deepEqual(await given(asked, undefined, '/v1.43'), { Test: ['CMD', 'x'] });
  assert.deepEqual(await given(asked, undefined, '/v1.44'), asked);
});

const probe = (exitCode: number, streak: number, run = 1) => ({
  run,
  streak,
  startNs: '1700000000500000000',
  endNs: '1700000001000000000',
  exitCode,
  output: 'said\n',
});
const inspected = async () =>
  JSON.parse((await served.ask('GET', '/containers/web/json')).body).State.Health;
const listed = async (query = '') => {
  const answer = await served.ask('GET', `/containers/json${query}`);
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body);
};

test('inspect shows the last probes, and no health that was never checked', async () => {
  here.containers.set(ID, running());
  assert.equal(await inspected(), undefined);
  here.containers.set(ID, running({ health: { status: 'starting', streak: 0, run: 1 } }));
  assert.deepEqual(await inspected(), { Status: 'starting', FailingStreak: 0, Log: [] });
  here.containers.set(ID, running({ health: { status: 'healthy', streak: 0, run: 1 } }));
  here.probes.set(ID, [probe(0, 0)]);
  const log = {
    Start: '2023-11-14T22:13:20.5Z',
    End: '2023-11-14T22:13:21Z',
    ExitCode: 0,
    Output: 'said\n',
  };
  assert.deepEqual(await inspected(), { Status: 'healthy', FailingStreak: 0, Log: [log] });
});

test('failures of an unhealthy container are counted on', async () => {
  here.containers.set(ID, running({ health: { status: 'unhealthy', streak: 3, run: 2 } }));
  assert.equal((await inspected()).FailingStreak, 3);
  here.probes.set(ID, [probe(1, 9, 1)]);
  assert.equal((await inspected()).FailingStreak, 3, 'those of an earlier run are not');
  here.probes.set(ID, [probe(1, 9, 1), probe(1, 5, 2)]);
  assert.equal((await inspected()).FailingStreak, 5);
});

test('ps says it behind the time of a container that runs', async () => {
  const status = async (changes: Parameters<typeof details>[0]) => {
    here.containers.set(ID, running(changes));
    const [item] = await listed('?all=1');
    return [item.Status, item.Health];
  };
  const health = (word: 'starting' | 'healthy' | 'unhealthy') => ({
    health: { status: word, streak: 1, run: 1 },
  });
  const summary = (Status: string, FailingStreak: number) => ({ Status, FailingStreak });
  const [healthy, unhealthy] = [summary('healthy', 1), summary('unhealthy', 1)];
  assert.deepEqual(await status({}), ['Up 5 minutes', summary('none', 0)]);
  assert.deepEqual(await status(health('starting')), [
    'Up 5 minutes (health: starting)',
    summary('starting', 1),
  ]);
  assert.deepEqual(await status(health('healthy')), ['Up 5 minutes (healthy)', healthy]);
  assert.deepEqual(await status(health('unhealthy')), ['Up 5 minutes (unhealthy)', unhealthy]);
  const paused = await status({ ...health('unhealthy'), status: 'paused' });
  assert.deepEqual(paused, ['Up 5 minutes (Paused)', unhealthy]);
});

test('the list is filtered by health', async () => {
  const health = { status: 'healthy', streak: 0, run: 1 } as const;
  here.containers.set(ID, running({ health }));
  here.containers.set(OTHER_ID, running({ id: OTHER_ID, name: 'plain' }));
  const names = async (...wanted: readonly string[]) => {
    const filters = encodeURIComponent(JSON.stringify({ health: wanted }));
    const items: readonly { Names: string[] }[] = await listed(`?filters=${filters}`);
    return items.map(({ Names }) => Names[0]).sort();
  };
  assert.deepEqual(await names('healthy'), ['/web']);
  assert.deepEqual(await names('none'), ['/plain']);
  assert.deepEqual(await names('starting', 'unhealthy'), []);
  assert.deepEqual(await names('none', 'healthy'), ['/plain', '/web']);
  const bad = await served.ask('GET', '/containers/json?filters={"health":["x"]}');
  assert.equal(bad.status, 400);
  assert.match(
    JSON.parse(bad.body).message,
    /invalid value for health \(x\): must be one of none, starting, healthy, unhealthy/,
  );
});
