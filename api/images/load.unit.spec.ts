/** Load: messages, and where an error travels. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Served, serve } from '../testing/client.ts';
import { type World, world } from '../testing/fakes.ts';

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

test('a load tells each image, and fails as an HTTP error only before the first', async () => {
  const loaded = await served.ask('POST', '/images/load', 'tar', {
    'Content-Type': 'application/x-tar',
  });
  assert.deepEqual(
    [loaded.status, loaded.body],
    [200, '{"stream":"Loaded image: busybox:latest\\n"}\r\n'],
  );
  here.loading = async function* () {
    yield { kind: 'loaded-id', id: 'sha256:1' };
    throw new Error('disk full');
  };
  const half = await served.ask('POST', '/images/load', 'tar');
  assert.equal(half.status, 200);
  assert.match(half.body, /Loaded image ID: sha256:1.*\r\n.*"error":"disk full"/s);
  here.loading = () => {
    throw Object.assign(new Error('not a tar'), { name: 'LoadError' });
  };
  const none = await served.ask('POST', '/images/load', 'tar');
  assert.deepEqual([none.status, none.body], [400, '{"message":"not a tar"}\n']);
});
