/** List, inspect and logs: what a container looks like to its clients. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Served, serve } from '../testing/client.ts';
import {
  details,
  exited,
  ID,
  image,
  OTHER_ID,
  running,
  type World,
  world,
} from '../testing/fakes.ts';

let served: Served;
let here: World;

before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());
beforeEach(() => {
  here.containers.clear();
  here.outcomes.length = 0;
  here.submitted.length = 0;
  here.ready = true;
});

test('a list names the image by its id once the name stands for another, or for none', async () => {
  here.containers.set(ID, running());
  const shown = async () => JSON.parse((await served.ask('GET', '/containers/json')).body)[0].Image;
  const before = [...here.images];
  assert.equal(await shown(), 'busybox');
  here.images[0] = image({ id: `sha256:${'77'.repeat(32)}` });
  assert.equal(await shown(), image().id);
  here.images.length = 0;
  assert.equal(await shown(), image().id);
  here.containers.set(ID, running({ image: '1f1f1f' }));
  assert.equal(await shown(), '1f1f1f');
  here.images.push(...before);
});

test('inspect tells state, environment and defaults by version', async () => {
  here.containers.set(ID, exited({ oomKilled: true }));
  const { body } = await served.ask('GET', '/containers/web/json');
  const newest = JSON.parse(body);
  assert.deepEqual(newest.State, {
    Status: 'exited',
    Running: false,
    Paused: false,
    Restarting: false,
    OOMKilled: true,
    Dead: false,
    Pid: 0,
    ExitCode: 3,
    Error: '',
    StartedAt: '2023-11-14T22:08:20Z',
    FinishedAt: '2023-11-14T22:11:20Z',
  });
  assert.deepEqual([newest.Path, newest.Args, newest.Name], ['sh', ['-c', 'echo hi'], '/web']);
  assert.deepEqual(newest.Config.Env, ['PATH=/bin']);
  assert.equal(newest.GraphDriver, undefined);
  const older = JSON.parse((await served.ask('GET', '/v1.51/containers/web/json')).body);
  assert.deepEqual([older.GraphDriver.Name, older.NetworkSettings.IPAddress], ['overlayfs', '']);
});

test('an exit that nobody knows is 255 for Docker', async () => {
  here.containers.set(ID, exited({ exitCode: null, exitKnown: false }));
  assert.equal(
    JSON.parse((await served.ask('GET', '/containers/web/json')).body).State.ExitCode,
    255,
  );
});

test('the list shows running ones, or what is asked for', async () => {
  here.containers.set(ID, running());
  here.containers.set(OTHER_ID, exited({ id: OTHER_ID, name: 'old', createdNs: 1n, labels: {} }));
  const names = async (query: string) => {
    const answer = await served.ask('GET', encodeURI(`/containers/json${query}`));
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body).map((item: { Names: string[] }) => item.Names[0]);
  };
  assert.deepEqual(await names(''), ['/web']);
  assert.deepEqual(await names('?all=1'), ['/web', '/old']);
  assert.deepEqual(await names('?limit=1'), ['/web']);
  assert.deepEqual(await names('?filters={"status":["exited"]}'), ['/old']);
  assert.deepEqual(await names('?all=True&filters={"exited":{"3":true}}'), ['/old']);
  assert.deepEqual(await names('?all=1&filters={"label":["a=b"]}'), ['/web']);
  assert.deepEqual(await names('?all=1&filters={"name":["^/?ol"]}'), ['/old']);
  assert.deepEqual(await names('?all=1&filters={"before":["web"]}'), ['/old']);
  assert.deepEqual(await names('?all=1&filters={"ancestor":["nope"]}'), []);
  assert.deepEqual(await names('?all=1&filters={"ancestor":["busybox"],"id":["cd34"]}'), ['/old']);
});

test('an item of the list is worded as docker ps shows it', async () => {
  here.containers.set(ID, running());
  const [item] = JSON.parse((await served.ask('GET', '/v1.50/containers/json')).body);
  assert.deepEqual(
    [item.Status, item.Command, item.State],
    ['Up 5 minutes', "sh -c 'echo hi'", 'running'],
  );
  assert.equal(item.Health, undefined);
});

const badFilters: readonly (readonly [string, string])[] = [
  ['{', 'invalid filter'],
  ['{"bogus":["1"]}', "invalid filter 'bogus'"],
  ['{"status":["x"]}', "invalid filter 'status=x': invalid value for state (x): must be one of"],
  ['{"name":["("]}', "invalid filter 'name=('"],
];
for (const [given, text] of badFilters)
  test(`filters ${given} of the list → 400 ${text}`, async () => {
    const answer = await served.ask('GET', `/containers/json?filters=${encodeURIComponent(given)}`);
    assert.equal(answer.status, 400);
    assert.ok(JSON.parse(answer.body).message.startsWith(text), answer.body);
  });

test('logs are framed by record, raw with a terminal, and stamped with nine digits', async () => {
  const record = { stream: 'stderr', timeNs: 1_500_000_000n, line: Buffer.from('x\n') } as const;
  here.records = [record];
  here.containers.set(ID, running());
  const framed = await served.ask(
    'GET',
    '/containers/web/logs?stderr=1&timestamps=1&tail=5&since=3.5',
  );
  assert.equal(framed.headers['content-type'], 'application/vnd.docker.multiplexed-stream');
  const stamped = '1970-01-01T00:00:01.500000000Z x\n';
  assert.equal(framed.body, `\x02\0\0\0\0\0\0${String.fromCharCode(stamped.length)}${stamped}`);
  assert.deepEqual(here.logOptions, {
    driver: 'json-file',
    stdout: false,
    stderr: true,
    follow: false,
    sinceNs: 3_500_000_000n,
    untilNs: null,
    tail: 5,
  });
  const older = await served.ask('GET', '/v1.41/containers/web/logs?stderr=1');
  assert.equal(older.headers['content-type'], 'application/vnd.docker.raw-stream');
  here.containers.set(ID, running({ config: { ...details().config, Tty: true } }));
  assert.equal((await served.ask('GET', '/containers/web/logs?stderr=1')).body, 'x\n');
  const neither = await served.ask('GET', '/containers/web/logs');
  assert.deepEqual(
    [neither.status, neither.body.includes('must specify at least one of')],
    [400, true],
  );
});

test('the list can be asked for ports, volumes and tasks', async () => {
  const config = { ...details().config, ExposedPorts: { '80/tcp': {}, '53/udp': {} } };
  here.containers.set(ID, running({ config }));
  const asked = async (given: object) => {
    const filters = encodeURIComponent(JSON.stringify(given));
    const { status, body } = await served.ask('GET', `/containers/json?filters=${filters}`);
    return status === 200 ? JSON.parse(body).length : JSON.parse(body).message;
  };
  assert.equal(await asked({ expose: ['80'] }), 1);
  assert.equal(await asked({ expose: ['70-90/tcp'] }), 1);
  assert.equal(await asked({ expose: ['53'] }), 0);
  assert.equal(await asked({ expose: ['x'] }), invalid('expose=x'));
  assert.equal(await asked({ publish: ['80'] }), 0);
  assert.equal(await asked({ publish: ['90-80'] }), invalid('publish=90-80'));
  assert.equal(await asked({ volume: ['data'] }), 0);
  assert.equal(await asked({ isolation: ['default'] }), 1);
  assert.equal(await asked({ 'is-task': ['0'] }), 1);
  assert.equal(await asked({ 'is-task': ['true'] }), 0);
  assert.equal(await asked({ 'is-task': ['x'] }), "invalid filter 'is-task=[x]'");
});

const invalid = (filter: string) => `invalid filter '${filter}': not a port or range of ports`;

test('logs without a stream are refused whatever the container', async () => {
  assert.equal((await served.ask('GET', '/containers/nobody/logs')).status, 400);
  assert.equal((await served.ask('GET', '/containers/nobody/logs?stdout=1')).status, 404);
});

test('what can be no reference of an image is told apart from one that is unknown', async () => {
  const told = async (name: string) => {
    const { status, body } = await served.ask('GET', `/images/${name}/json`);
    return [status, JSON.parse(body).message];
  };
  const capital = 'invalid reference format: repository name (library/Busybox) must be lowercase';
  assert.deepEqual(await told('Busybox'), [400, capital]);
  assert.deepEqual(await told('a%20b'), [400, 'invalid reference format']);
  assert.deepEqual(await told('nothing'), [404, 'No such image: nothing:latest']);
});
