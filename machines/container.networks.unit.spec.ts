/** What a run gets of networks when it is opened, by whatever opens it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ContainerContext, UNBORN } from './container.context.ts';
import { openEndpoints } from './container.networks.ts';
import type { View } from './decision.ts';
import { endpointFor, networkFor, viewOf } from './network.fixture.ts';
import { EPHEMERAL } from './network.ports.ts';
import type { JsonObject } from './words.ts';

const bridge = networkFor('bridge', 1);
const front = networkFor('front', 2);
const plain = viewOf([bridge, front]);

const subject = (hostConfig: JsonObject): ContainerContext => ({
  ...UNBORN,
  id: 'c',
  name: 'web',
  hostConfig: { ...UNBORN.hostConfig, NetworkMode: 'bridge', ...hostConfig },
});

test('a port of no choice is one that nobody listens on at that moment', () => {
  const { from, to } = EPHEMERAL;
  const all = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const busyPorts = () => all.filter((port) => port !== 40_000);
  const wanting = subject({ PortBindings: { '80/tcp': [{ HostPort: '' }] } });
  for (const run of [1, 2, 3]) {
    const { endpoints } = openEndpoints({ ...plain, busyPorts }, wanting, run);
    assert.deepEqual(
      endpoints[0]?.ports.map(({ hostPort }) => hostPort),
      [40_000],
    );
  }
  const chosen = subject({ PortBindings: { '80/tcp': [{ HostPort: '40001' }] } });
  const { endpoints } = openEndpoints({ ...plain, busyPorts }, chosen, 1);
  assert.deepEqual(
    endpoints[0]?.ports.map(({ hostPort }) => hostPort),
    [40_001],
  );
});

test('a host address that is none, which older logs hold, fails the start in words', () => {
  for (const HostIp of ['localhost', '010.0.0.1', 'fe80::1%eth0', '1.2.3']) {
    const wanting = subject({ PortBindings: { '80/tcp': [{ HostIp, HostPort: '8080' }] } });
    const { endpoints, failure } = openEndpoints(plain, wanting, 1);
    assert.deepEqual(endpoints, []);
    assert.match(failure ?? '', /: invalid host address of a port: "/);
  }
  for (const HostIp of ['', '127.0.0.1', 'FE80::1', '::']) {
    const wanting = subject({ PortBindings: { '80/tcp': [{ HostIp, HostPort: '8080' }] } });
    assert.equal(openEndpoints(plain, wanting, 1).failure, null);
  }
  const high = subject({ PortBindings: { '80/tcp': [{ HostPort: '70000' }] } });
  assert.match(openEndpoints(plain, high, 1).failure ?? '', /:70000 failed/);
});

/** With another container `db`, in that state. */
function beside(value: string, ...endpoints: readonly object[]): View {
  const other = { ...UNBORN, id: 'd', name: 'db', endpoints } as ContainerContext;
  return {
    ...plain,
    holder: (claim) => (claim.key === 'db' ? 'container/d' : plain.holder(claim)),
    state: (stream) => (stream === 'container/d' ? { value, context: other } : plain.state(stream)),
  };
}

test('who is linked to another needs it to run, on the default bridge', () => {
  const linked = subject({ Links: ['db:store'] });
  const why = (view: View, context = linked): string | null =>
    openEndpoints(view, context, 1).failure;
  assert.equal(why(beside('running', endpointFor(bridge, 9))), null);
  assert.equal(why(beside('exited')), 'Cannot link to a non running container: /db AS /web/store');
  assert.equal(
    why(beside('running', endpointFor(front, 9))),
    'Cannot link to /db, as it does not belong to the default network',
  );
  assert.equal(why(beside('removed')), null);
  assert.equal(why(beside('exited'), subject({ Links: ['db'], NetworkMode: 'front' })), null);
});
