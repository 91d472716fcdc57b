/** Where a run leads out when it is connected and disconnected: its default route and its ports. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, connectFailed, disconnect } from './container.connect.ts';
import { type ContainerContext, UNBORN } from './container.context.ts';
import type { Decision } from './decision.ts';
import { portClaim } from './network.claims.ts';
import type { Attachment, Endpoint, NetworkConfig, PublishedPort } from './network.config.ts';
import { endpointFor, type Held, networkFor, viewOf } from './network.fixture.ts';

const [alpha, middle, zeta] = [networkFor('alpha', 1), networkFor('middle', 2), networkFor('z', 3)];
const inner = networkFor('inner', 4, { internal: true });
const NETWORKS = [alpha, middle, zeta, inner];
const PORT: PublishedPort = {
  protocol: 'tcp',
  hostIp: '0.0.0.0',
  hostPort: 8080,
  containerPort: 80,
};
const LEADS = { gateway4: true, ports: [PORT] } as const;

function running(...endpoints: readonly Endpoint[]): ContainerContext {
  return {
    ...UNBORN,
    id: 'c',
    name: 'web',
    run: 1,
    hostConfig: {
      ...UNBORN.hostConfig,
      NetworkMode: 'middle',
      PortBindings: { '80/tcp': [{ HostPort: '8080' }] },
    },
    networks: endpoints.map(({ network }) => ({ network })),
    endpoints,
  };
}

function draftOf(decision: Decision) {
  assert.equal(decision.kind, 'facts', JSON.stringify(decision));
  const [draft] = decision.kind === 'facts' ? decision.drafts : [];
  const data = draft?.fact.data as { endpoints?: readonly Endpoint[]; endpoint?: Endpoint };
  return { data, take: draft?.take ?? [], free: draft?.free ?? [] };
}

const join = (
  context: ContainerContext,
  network: NetworkConfig,
  wish: Partial<Attachment> = {},
  claims: readonly Held[] = [],
): Decision => {
  const attachment = { network: network.id, ...wish };
  const command = { type: 'connect', id: 'c', attachment } as const;
  return connect(viewOf(NETWORKS, claims), context, 'running', command, []);
};
const leave = (context: ContainerContext, network: NetworkConfig): Decision => {
  const command = { type: 'disconnect', id: 'c', network: network.id, force: false } as const;
  return disconnect(viewOf(NETWORKS), context, 'running', command);
};
/** Where it leads out, and where its ports are. */
const leading = (endpoints: readonly Endpoint[] = []) => ({
  route: endpoints.find(({ gateway4 }) => gateway4)?.name,
  ports: endpoints.filter(({ ports }) => ports.length > 0).map(({ name }) => name),
});

test('a network that comes first by name takes the route over, and the ports go along', () => {
  const { data, take } = draftOf(join(running(endpointFor(middle, 2, LEADS)), alpha));
  assert.deepEqual(leading(data.endpoints), { route: 'alpha', ports: ['alpha'] });
  assert.ok(!take.some(({ kind }) => kind === 'port'), 'it has the port already');
});

test('one that comes later does not, unless it has the higher priority', () => {
  const context = running(endpointFor(middle, 2, LEADS));
  assert.equal(draftOf(join(context, zeta)).data.endpoints, undefined);
  const { data } = draftOf(join(context, zeta, { priority: 1 }));
  assert.deepEqual(leading(data.endpoints), { route: 'z', ports: ['z'] });
});

test('a run without a way out publishes its ports when it gets one, if they can be had', () => {
  const context = running(endpointFor(inner, 2));
  const { data, take } = draftOf(join(context, zeta));
  assert.deepEqual(data.endpoint?.ports, [PORT]);
  const claim = portClaim('tcp', '0.0.0.0', 8080);
  assert.ok(take.some(({ key }) => key === claim.key));
  const refused = join(context, zeta, {}, [{ ...claim, holder: 'container/other' }]);
  assert.match(JSON.stringify(refused), /port is already allocated/);
});

test('what leaves gives route and ports to another; with none left they go with it', () => {
  const two = running(endpointFor(middle, 2, LEADS), endpointFor(zeta, 3));
  const { data } = draftOf(leave(two, middle));
  assert.deepEqual(leading(data.endpoints), { route: 'z', ports: ['z'] });
  const last = draftOf(
    leave(running(endpointFor(middle, 2, LEADS), endpointFor(inner, 3)), middle),
  );
  assert.deepEqual(leading(last.data.endpoints), { route: undefined, ports: ['middle'] });
});

test('a connect that failed gives back what it was about to take', () => {
  const own = endpointFor(middle, 2);
  const failed = endpointFor(alpha, 3, LEADS);
  const decision = connectFailed(viewOf(NETWORKS), running(own, failed), alpha.id, 'no link');
  const { data, free } = draftOf(decision);
  assert.deepEqual(leading(data.endpoints), { route: 'middle', ports: ['middle'] });
  assert.deepEqual(
    free.map(({ key }) => key.split(' ').at(-1)),
    ['c', '10.1.0.3'],
  );
});

const host = networkFor('host', 5, { driver: 'host', predefined: true });
const none = networkFor('none', 6, { driver: 'null', predefined: true });
const ALL = [...NETWORKS, host, none];
const SHARES = /sharing network namespace with another container or host cannot be connected/;

/** What a container of that mode is told, as text. */
function told(mode: string, network: string, phase = 'running'): string {
  const { networks: _, ...plain } = running();
  const hostConfig = { ...plain.hostConfig, NetworkMode: mode };
  const command = { type: 'connect', id: 'c', attachment: { network } } as const;
  return JSON.stringify(connect(viewOf(ALL), { ...plain, hostConfig }, phase, command, []));
}

test('who has no network of its own is connected to none', () => {
  assert.match(told('container:d', 'alpha'), SHARES);
  assert.match(told('container:d', 'nowhere'), SHARES);
  assert.match(told('host', 'alpha'), SHARES);
  assert.match(told('host', 'none'), SHARES);
  assert.match(told('none', 'alpha'), /multiple networks with one of the networks in private/);
  assert.match(told('alpha', 'none'), /multiple networks with one of the networks in private/);
  for (const mode of ['alpha', 'none']) {
    assert.match(told(mode, 'host'), /must be created in host network mode/, mode);
  }
});

test('where it is already, only one that runs is told so', () => {
  for (const mode of ['alpha', 'host', 'none']) {
    assert.match(told(mode, mode), /endpoint-exists/, mode);
    assert.equal(told(mode, mode, 'created'), '{"kind":"nothing"}', mode);
  }
});

test('a container of the host leaves it only while it does not run', () => {
  const { networks: _, ...plain } = running();
  const context = { ...plain, hostConfig: { ...plain.hostConfig, NetworkMode: 'host' } };
  const command = { type: 'disconnect', id: 'c', network: host.id, force: false } as const;
  const said = JSON.stringify(disconnect(viewOf(ALL), context, 'running', command));
  assert.match(said, /container was created in host network mode/);
  const draft = draftOf(disconnect(viewOf(ALL), context, 'exited', command));
  assert.deepEqual(draft.data, { network: host.id, name: 'host' });
});
