/** What a run gets of networks when it is opened, by whatever opens it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LockedRuntime } from './container.config.ts';
import { type ContainerContext, UNBORN } from './container.context.ts';
import { containerFamily } from './container.family.ts';
import { openEndpoints } from './container.networks.ts';
import type { Input, View } from './decision.ts';
import type { FamilyCommand } from './exec.commands.ts';
import type { Endpoint } from './network.config.ts';
import { endpointFor, networkFor, viewOf } from './network.fixture.ts';
import { EPHEMERAL } from './network.ports.ts';
import type { ActorState, JsonObject } from './words.ts';

const bridge = networkFor('bridge', 1);
const front = networkFor('front', 2);
const plain = viewOf([bridge, front]);

const subject = (hostConfig: JsonObject): ContainerContext => ({
  ...UNBORN,
  id: 'c',
  name: 'web',
  hostConfig: { ...UNBORN.hostConfig, NetworkMode: 'bridge', ...hostConfig },
});

const { from, to } = EPHEMERAL;
const BUSY = Array.from({ length: to - from + 1 }, (_, at) => from + at).filter(
  (port) => port !== 40_000,
);
const ANY = { PortBindings: { '80/tcp': [{ HostPort: '' }] } };
const CHOSEN = { PortBindings: { '80/tcp': [{ HostPort: '40001' }] } };

test('a port of no choice is one that nobody listens on at that moment', () => {
  for (const run of [1, 2, 3])
    assert.deepEqual(portsOf(openEndpoints(plain, subject(ANY), run, BUSY)), [40_000]);
  assert.deepEqual(portsOf(openEndpoints(plain, subject(CHOSEN), 1, BUSY)), [40_001]);
});

test('ports of who has no IPv4 are published at addresses of IPv6 alone', () => {
  const pool = { subnet: 'fd00:9::/64', ipRange: null, gateway: 'fd00:9::1', auxiliary: {} };
  const families = { enableIPv4: false, enableIPv6: true, hostIPv6: true } as const;
  const six = networkFor('six', 9, { ...families, pools: [{ ...pool, chosen: true }] });
  const bindings = ['', '127.0.0.1', '::1'].map((HostIp, at) => ({
    HostIp,
    HostPort: String(40_001 + at),
  }));
  const asked = { NetworkMode: 'six', PortBindings: { '80/tcp': bindings } };
  const opened = openEndpoints(viewOf([six]), subject(asked), 1, []);
  assert.equal(opened.failure, null);
  const [endpoint] = opened.endpoints;
  assert.deepEqual([endpoint?.gateway4, endpoint?.gateway6], [false, true]);
  const given = endpoint?.ports.map(({ hostIp, hostPort }) => [hostIp, hostPort]);
  assert.deepEqual(given, [
    ['::', 40_001],
    ['::1', 40_003],
  ]);
});

const portsOf = ({ endpoints }: { endpoints: readonly Endpoint[] }): readonly number[] =>
  endpoints.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort));

const RUNTIME = { name: 'runc' } as LockedRuntime;

/** The container in that state. */
function holding(value: ActorState['value'], context: ContainerContext): View {
  const state = { value, context };
  return {
    ...plain,
    state: (stream) => (stream === 'container/c' ? state : plain.state(stream)),
  };
}

/** Whatever gives a run its ports. */
function openings(hostConfig: JsonObject): readonly (readonly [View, Input<FamilyCommand>])[] {
  const own = { ...subject(hostConfig), runtime: RUNTIME, restartWith: RUNTIME };
  const command = (one: object) =>
    ({ kind: 'command', command: { id: 'c', runtime: RUNTIME, ...one } }) as Input<FamilyCommand>;
  const outcome = (type: 'run.clean' | 'timer', params: JsonObject): Input<FamilyCommand> => ({
    kind: 'outcome',
    stream: 'container/c',
    effect: { type, params },
    result: { ok: true, data: {} },
  });
  const idle = holding({ exited: 'clean' }, own);
  const unplugged = { ...own, networks: [], endpoints: [] };
  return [
    [idle, command({ type: 'start' })],
    [idle, command({ type: 'restart' })],
    [holding('running', unplugged), command({ type: 'connect', attachment: { network: 'front' } })],
    [holding({ exited: 'cleaning' }, own), outcome('run.clean', { id: 'c', run: 1 })],
    [holding('restarting', own), outcome('timer', { key: 'restart' })],
  ];
}

test('what opens a run is decided by what comes in with it: as often as it is decided', () => {
  for (const [view, input] of openings(ANY)) {
    assert.equal(containerFamily.wantsBusyPorts?.(view, input), true, JSON.stringify(input));
    const decide = (busyPorts: readonly number[]) =>
      containerFamily.decide(view, { ...input, busyPorts });
    const decision = decide(BUSY);
    assert.match(JSON.stringify(decision), /"hostPort":40000,/);
    assert.deepEqual(decide(BUSY), decision);
    assert.deepEqual(decide([]), containerFamily.decide(view, input));
  }
});

test('the ports of the host are not wanted by what gives none of them', () => {
  const wants = (view: View, input: Input<FamilyCommand>) =>
    containerFamily.wantsBusyPorts?.(view, input);
  for (const [view, input] of openings(CHOSEN)) assert.equal(wants(view, input), false);
  for (const type of ['stop', 'kill', 'pause', 'rename', 'remove', 'update', 'disconnect']) {
    const command = { type, id: 'c' } as FamilyCommand;
    assert.equal(wants(holding('running', subject(ANY)), { kind: 'command', command }), false);
  }
});

test('a host address that is none, which older logs hold, fails the start in words', () => {
  for (const HostIp of ['localhost', '010.0.0.1', 'fe80::1%eth0', '1.2.3']) {
    const wanting = subject({ PortBindings: { '80/tcp': [{ HostIp, HostPort: '8080' }] } });
    const { endpoints, failure } = openEndpoints(plain, wanting, 1, []);
    assert.deepEqual(endpoints, []);
    assert.match(failure ?? '', /: invalid host address of a port: "/);
  }
  for (const HostIp of ['', '127.0.0.1', 'FE80::1', '::']) {
    const wanting = subject({ PortBindings: { '80/tcp': [{ HostIp, HostPort: '8080' }] } });
    assert.equal(openEndpoints(plain, wanting, 1, []).failure, null);
  }
  const high = subject({ PortBindings: { '80/tcp': [{ HostPort: '70000' }] } });
  assert.match(openEndpoints(plain, high, 1, []).failure ?? '', /:70000 failed/);
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
    openEndpoints(view, context, 1, []).failure;
  assert.equal(why(beside('running', endpointFor(bridge, 9))), null);
  assert.equal(why(beside('exited')), 'Cannot link to a non running container: /db AS /web/store');
  assert.equal(
    why(beside('running', endpointFor(front, 9))),
    'Cannot link to /db, as it does not belong to the default network',
  );
  assert.equal(why(beside('removed')), null);
  assert.equal(why(beside('exited'), subject({ Links: ['db'], NetworkMode: 'front' })), null);
});
