/** The wire, one line an expectation: method, path, body → status, and what the answer holds. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Served, serve } from './testing/client.ts';
import { ID, running, type World, world } from './testing/fakes.ts';

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

type Row = readonly [
  method: string,
  path: string,
  body: unknown,
  status: number,
  holds: string | RegExp,
];

const NO_BODY = undefined;

const routing: readonly Row[] = [
  ['GET', '/nothing', NO_BODY, 404, '{"message":"page not found"}\n'],
  ['POST', '/version', NO_BODY, 404, '{"message":"page not found"}\n'],
  ['GET', '/containers/a/b/json', NO_BODY, 404, 'No such container: a/b'],
  ['POST', '/containers/a/b/stop', NO_BODY, 404, 'No such container: a/b'],
  ['GET', '/volumes/a/b', NO_BODY, 404, 'get a/b: no such volume'],
  ['DELETE', '/networks/a/b', NO_BODY, 404, 'network a/b not found'],
  ['GET', '/containers/a/bogus', NO_BODY, 404, 'page not found'],
  ['GET', '/v9.9/nothing', NO_BODY, 404, 'page not found'],
  [
    'GET',
    '/v9.9/version',
    NO_BODY,
    400,
    'client version 9.9 is too new. Maximum supported API version is 1.55',
  ],
  [
    'GET',
    '/v1.10/version',
    NO_BODY,
    400,
    'client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade',
  ],
  ['OPTIONS', '/anything', NO_BODY, 200, /^$/],
  ['GET', '/_ping', NO_BODY, 200, /^OK$/],
  ['GET', '/v1.24/_ping', NO_BODY, 200, /^OK$/],
  ['GET', '/readyz', NO_BODY, 200, /^ok$/],
  ['GET', '/v1.50/readyz', NO_BODY, 404, 'page not found'],
  ['GET', '/openapi.yaml', NO_BODY, 200, 'openapi: 3.1.0'],
  ['GET', '/version', NO_BODY, 200, '"ApiVersion":"1.55"'],
  ['GET', '/info', NO_BODY, 200, '"LocalNodeState":"inactive"'],
  ['GET', '/v1.48/info', NO_BODY, 200, '"Expected":"c"'],
  ['GET', '/system/df', NO_BODY, 200, '"LayersSize":4000000'],
  ['GET', '/volumes', NO_BODY, 200, '{"Volumes":[],"Warnings":null}\n'],
  ['GET', '/networks', NO_BODY, 200, '"Name":"none"'],
  ['GET', '/networks?filters={"name":["^none$"]}', NO_BODY, 200, /^\[\{"Name":"none".*?\}\]\n$/],
  ['GET', '/networks?filters={"type":["custom"]}', NO_BODY, 200, '[]\n'],
  ['GET', '/networks?filters={"type":["x"]}', NO_BODY, 400, "invalid filter 'type=x'"],
  ['GET', '/networks/host', NO_BODY, 200, '"Driver":"host"'],
  ['GET', '/networks/web', NO_BODY, 404, 'network web not found'],
  ['POST', '/networks/prune', NO_BODY, 200, '{"NetworksDeleted":null}\n'],
  ['POST', '/networks/create', {}, 400, 'invalid name: name is empty'],
  ['POST', '/networks/create', { Name: 'a\0' }, 400, 'invalid network name: it holds a zero byte'],
  ['POST', '/networks/create', { Name: 'host' }, 403, 'operation is not permitted on predefined'],
  ['POST', '/networks/create', { Name: 'a', Driver: 'x' }, 404, 'plugin \\"x\\" not found'],
  ['POST', '/networks/create', { Name: 'a' }, 201, '"Warning":""'],
  ['GET', '/volumes/data', NO_BODY, 404, 'get data: no such volume'],
  ['POST', '/volumes/prune', NO_BODY, 200, '{"VolumesDeleted":[],"SpaceReclaimed":0}\n'],
  ['GET', '/plugins/a/b/json', NO_BODY, 404, 'plugin \\"a/b\\" not found'],
  ['GET', '/containers/nobody/stats', NO_BODY, 404, 'No such container: nobody'],
  ['PUT', '/containers/nobody/archive?path=/', NO_BODY, 404, 'No such container: nobody'],
  ['GET', '/containers/nobody/archive', NO_BODY, 400, 'path cannot be empty'],
  ['GET', '/containers/nobody/changes', NO_BODY, 404, 'No such container: nobody'],
  ['GET', '/containers/nobody/export', NO_BODY, 404, 'No such container: nobody'],
  ['POST', '/commit?container=nobody', NO_BODY, 404, 'No such container: nobody'],
  ['POST', '/build', NO_BODY, 501, 'shiplog does not support building images yet'],
  ['POST', '/swarm/leave', NO_BODY, 503, 'This node is not part of a swarm'],
  ['GET', '/plugins', NO_BODY, 200, '[]\n'],
  ['GET', '/services', NO_BODY, 503, 'This node is not a swarm manager.'],
  ['GET', '/nodes/x', NO_BODY, 503, 'This node is not a swarm manager.'],
  [
    'POST',
    '/images/create?fromImage=alpine',
    NO_BODY,
    501,
    'shiplog does not support pulling images',
  ],
];

const unknown: readonly Row[] = [
  ['GET', '/containers/x/json', NO_BODY, 404, '{"message":"No such container: x"}\n'],
  ['GET', '/containers/x/logs?stdout=1', NO_BODY, 404, 'No such container: x'],
  ['POST', '/containers/x/start', NO_BODY, 404, 'No such container: x'],
  ['POST', '/containers/x/stop', NO_BODY, 404, 'No such container: x'],
  ['POST', '/containers/x/restart', NO_BODY, 404, 'No such container: x'],
  ['POST', '/containers/x/kill', NO_BODY, 404, 'No such container: x'],
  ['POST', '/containers/x/pause', NO_BODY, 404, 'No such container: x'],
  ['POST', '/containers/x/unpause', NO_BODY, 404, 'No such container: x'],
  ['POST', '/containers/x/wait', NO_BODY, 404, 'No such container: x'],
  ['POST', '/containers/x/rename?name=abc', NO_BODY, 404, 'No such container: x'],
  ['POST', '/containers/x/resize?h=1&w=1', NO_BODY, 404, 'No such container: x'],
  ['DELETE', '/containers/x', NO_BODY, 404, 'No such container: x'],
  ['POST', '/containers//start', NO_BODY, 400, 'invalid name or ID supplied: \\"\\"'],
  ['GET', '/images/no/such:tag/json', NO_BODY, 404, 'No such image: no/such:tag'],
  ['GET', '/images/nosuch/json', NO_BODY, 404, 'No such image: nosuch:latest'],
  ['GET', '/images/busybox/json', NO_BODY, 200, '"RepoTags":["busybox:latest"]'],
  ['GET', '/images/docker.io/library/busybox:latest/json', NO_BODY, 200, '"Type":"layers"'],
  ['GET', '/images/1f1f1f/json', NO_BODY, 200, '"Os":"linux"'],
  ['GET', '/images/json', NO_BODY, 200, '"Containers":0'],
  ['GET', '/v1.43/images/json', NO_BODY, 200, '"VirtualSize":4000000'],
  ['GET', '/v1.50/images/json', NO_BODY, 200, '"Containers":-1'],
  ['GET', '/images/json?filters={"reference":["busy*"]}', NO_BODY, 200, 'busybox'],
  ['GET', '/images/json?filters={"dangling":["true"]}', NO_BODY, 200, /^\[\]\n$/],
];

for (const row of [...routing, ...unknown]) {
  const [method, path, body, status, holds] = row;
  const shown = JSON.stringify(body)?.slice(0, 60) ?? '';
  test(`${method} ${path} ${shown} → ${status} ${holds}`, async () => {
    const answer = await served.ask(method, encodeURI(path), body);
    assert.equal(answer.status, status, answer.body);
    if (typeof holds === 'string') assert.ok(answer.body.includes(holds), answer.body);
    else assert.match(answer.body, holds);
    if (status >= 400 && !path.startsWith('/v1.10/'))
      assert.equal(answer.headers['content-type'], 'application/json');
  });
}

test('page not found carries none of the API headers', async () => {
  const { headers } = await served.ask('GET', '/nothing');
  assert.equal(headers['api-version'], undefined);
});

test('before the first reconcile a command is 503, but a look is answered', async () => {
  here.ready = false;
  here.containers.set(ID, running());
  assert.equal((await served.ask('POST', '/containers/web/stop')).status, 503);
  assert.equal((await served.ask('GET', '/readyz')).status, 503);
  assert.equal((await served.ask('GET', '/containers/json')).status, 200);
});
