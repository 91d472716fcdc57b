/** Ports that are published, and those that can not be. */
import {
  ask,
  container,
  create,
  makeNetwork,
  run,
  type Story,
  start,
  stop,
  story,
} from './story.ts';

interface Binding {
  readonly HostIp?: string;
  readonly HostPort?: string;
}

const bound = (ports: Readonly<Record<string, readonly Binding[] | null>>, more: object = {}) => ({
  host: { PortBindings: ports, ...more },
});
const published = (
  title: string,
  ports: Parameters<typeof bound>[0],
  more: object = {},
  config: object = {},
): Story =>
  story(
    `a port: ${title}`,
    run('cc', { ...bound(ports, more), config }),
    container('cc'),
    stop('cc'),
    container('cc'),
  );
const tcp = (...bindings: readonly Binding[]) => ({ '80/tcp': bindings });

const EXPOSED = { ExposedPorts: { '80/tcp': {}, '81/udp': {}, '82': {} } };
const WORKING: readonly Story[] = [
  published('by number', tcp({ HostPort: '18080' })),
  published('without a number', tcp({ HostPort: '' })),
  published('number 0', tcp({ HostPort: '0' })),
  published('without anything', tcp({})),
  published('with an empty list', { '80/tcp': [] }),
  published('with no list', { '80/tcp': null }),
  published('without a protocol', { '80': [{ HostPort: '18080' }] }),
  published('UDP', { '80/udp': [{ HostPort: '18080' }] }),
  published('both protocols', {
    '80/tcp': [{ HostPort: '18080' }],
    '80/udp': [{ HostPort: '18080' }],
  }),
  published('in capitals', { '80/TCP': [{ HostPort: '18080' }] }),
  published('on an address', tcp({ HostIp: '127.0.0.1', HostPort: '18080' })),
  published('on all addresses', tcp({ HostIp: '0.0.0.0', HostPort: '18080' })),
  published('on an address, without a number', tcp({ HostIp: '127.0.0.1' })),
  published('on an IPv6 address', tcp({ HostIp: '::1', HostPort: '18080' })),
  published('on all IPv6 addresses', tcp({ HostIp: '::', HostPort: '18080' })),
  published('twice', tcp({ HostPort: '18080' }, { HostPort: '18081' })),
  published(
    'on two addresses',
    tcp({ HostIp: '127.0.0.1', HostPort: '18080' }, { HostIp: '127.0.0.2', HostPort: '18080' }),
  ),
  published('out of a range', tcp({ HostPort: '18080-18082' })),
  published('exposed, too', tcp({ HostPort: '18080' }), {}, EXPOSED),
  published('all that are exposed', {}, { PublishAllPorts: true }, EXPOSED),
  published(
    'all that are exposed, one by number',
    tcp({ HostPort: '18080' }),
    { PublishAllPorts: true },
    EXPOSED,
  ),
  published('exposed alone', {}, {}, EXPOSED),
  published(
    'an exposed range',
    {},
    { PublishAllPorts: true },
    { ExposedPorts: { '80-82/tcp': {} } },
  ),
  published('SCTP', { '80/sctp': [{ HostPort: '18080' }] }),
  story(
    'a port in a network',
    makeNetwork('n'),
    run('cc', bound(tcp({ HostPort: '18080' }), { NetworkMode: 'n' })),
    container('cc'),
  ),
  story(
    'a port in a network that binds to an address',
    makeNetwork('n', { Options: { 'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1' } }),
    run('cc', bound(tcp({ HostPort: '18080' }), { NetworkMode: 'n' })),
    container('cc'),
  ),
  story(
    'a port in an internal network',
    makeNetwork('n', { Internal: true }),
    run('cc', bound(tcp({ HostPort: '18080' }), { NetworkMode: 'n' })),
    container('cc'),
  ),
  story(
    'two of a range',
    run('cc', bound(tcp({ HostPort: '18080-18081' }))),
    run('dd', bound(tcp({ HostPort: '18080-18081' }))),
    container('dd'),
    run('ee', bound(tcp({ HostPort: '18080-18081' }))),
    container('ee'),
  ),
];

const WRONG: readonly Story[] = [
  published('not a number', tcp({ HostPort: 'x' })),
  published('too high', tcp({ HostPort: '65536' })),
  published('negative', tcp({ HostPort: '-1' })),
  published('a range that goes down', tcp({ HostPort: '18082-18080' })),
  published('a range without an end', tcp({ HostPort: '18080-' })),
  published('of an unknown protocol', { '80/nope': [{ HostPort: '18080' }] }),
  published('of a container port that is none', { 'x/tcp': [{ HostPort: '18080' }] }),
  published('of container port 0', { '0/tcp': [{ HostPort: '18080' }] }),
  published('of a container port too high', { '65536/tcp': [{ HostPort: '18080' }] }),
  published('of an empty container port', { '': [{ HostPort: '18080' }] }),
  published('of a range of container ports', { '80-81/tcp': [{ HostPort: '18080' }] }),
  published('on an address that is none', tcp({ HostIp: 'nowhere', HostPort: '18080' })),
  published('on an address of another host', tcp({ HostIp: '198.51.100.7', HostPort: '18080' })),
  published('an exposed port that is none', {}, {}, { ExposedPorts: { nonsense: {} } }),
  published('an exposed port of an unknown protocol', {}, {}, { ExposedPorts: { '80/nope': {} } }),
];

const other = (title: string, first: Binding, second: Binding): Story =>
  story(
    `a port that is taken: ${title}`,
    run('cc', bound(tcp(first))),
    run('dd', bound(tcp(second))),
    container('dd'),
    stop('cc'),
    start('dd'),
    start('cc'),
    ask('DELETE /containers/dd?force=1'),
    start('cc'),
    container('cc'),
  );

const TAKEN: readonly Story[] = [
  other('everywhere', { HostPort: '18080' }, { HostPort: '18080' }),
  other('on an address', { HostIp: '127.0.0.1', HostPort: '18080' }, { HostPort: '18080' }),
  other('on all addresses', { HostPort: '18080' }, { HostIp: '127.0.0.1', HostPort: '18080' }),
  other(
    'on another address',
    { HostIp: '127.0.0.2', HostPort: '18080' },
    { HostIp: '127.0.0.1', HostPort: '18080' },
  ),
  story(
    'a port that is taken: twice by itself',
    run('cc', bound({ '80/tcp': [{ HostPort: '18080' }], '81/tcp': [{ HostPort: '18080' }] })),
    container('cc'),
  ),
  story(
    'a port that is taken: of a container that does not run',
    create('cc', bound(tcp({ HostPort: '18080' }))),
    run('dd', bound(tcp({ HostPort: '18080' }))),
    start('cc'),
    container('cc'),
  ),
];

export const PORTS: readonly Story[] = [...WORKING, ...WRONG, ...TAKEN];
