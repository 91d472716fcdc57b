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

type Bindings = Readonly<Record<string, readonly Binding[] | null>>;

/** Exposed, too, as the docker command has it: dockerd 20.10 publishes nothing else. */
const bound = (ports: Bindings, host: object = {}, exposed: object = {}) => ({
  config: {
    ExposedPorts: {
      ...Object.fromEntries(Object.keys(ports).map((port) => [port, {}])),
      ...exposed,
    },
  },
  host: { PortBindings: ports, ...host },
});
const published = (title: string, ports: Bindings, host?: object, exposed?: object): Story =>
  story(
    `a port: ${title}`,
    run('cc', bound(ports, host, exposed)),
    container('cc'),
    stop('cc'),
    container('cc'),
  );
const tcp = (...bindings: readonly Binding[]) => ({ '80/tcp': bindings });

const EXPOSED = { '80/tcp': {}, '81/udp': {}, '82': {} };
const WORKING: readonly Story[] = [
  published('by number', tcp({ HostPort: '28117' })),
  published('without a number', tcp({ HostPort: '' })),
  published('number 0', tcp({ HostPort: '0' })),
  published('without anything', tcp({})),
  published('with an empty list', { '80/tcp': [] }),
  published('with no list', { '80/tcp': null }),
  published('without a protocol', { '80': [{ HostPort: '28117' }] }),
  published('UDP', { '80/udp': [{ HostPort: '28117' }] }),
  published('both protocols', {
    '80/tcp': [{ HostPort: '28117' }],
    '80/udp': [{ HostPort: '28117' }],
  }),
  published('in capitals', { '80/TCP': [{ HostPort: '28117' }] }),
  published('on an address', tcp({ HostIp: '127.0.0.1', HostPort: '28117' })),
  published('on all addresses', tcp({ HostIp: '0.0.0.0', HostPort: '28117' })),
  published('on an address, without a number', tcp({ HostIp: '127.0.0.1' })),
  published('on an IPv6 address', tcp({ HostIp: '::1', HostPort: '28117' })),
  published('on all IPv6 addresses', tcp({ HostIp: '::', HostPort: '28117' })),
  published('twice', tcp({ HostPort: '28117' }, { HostPort: '28118' })),
  published(
    'on two addresses',
    tcp({ HostIp: '127.0.0.1', HostPort: '28117' }, { HostIp: '127.0.0.2', HostPort: '28117' }),
  ),
  published('out of a range', tcp({ HostPort: '28117-28119' })),
  published('exposed, too', tcp({ HostPort: '28117' }), {}, EXPOSED),
  published('all that are exposed', {}, { PublishAllPorts: true }, EXPOSED),
  published(
    'all that are exposed, one by number',
    tcp({ HostPort: '28117' }),
    { PublishAllPorts: true },
    EXPOSED,
  ),
  published('exposed alone', {}, {}, EXPOSED),
  published('an exposed range', {}, { PublishAllPorts: true }, { '80-82/tcp': {} }),
  published('SCTP', { '80/sctp': [{ HostPort: '28117' }] }),
  story(
    'a port in a network',
    makeNetwork('n'),
    run('cc', bound(tcp({ HostPort: '28117' }), { NetworkMode: 'n' })),
    container('cc'),
  ),
  story(
    'a port in a network that binds to an address',
    makeNetwork('n', { Options: { 'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1' } }),
    run('cc', bound(tcp({ HostPort: '28117' }), { NetworkMode: 'n' })),
    container('cc'),
  ),
  story(
    'a port in an internal network',
    makeNetwork('n', { Internal: true }),
    run('cc', bound(tcp({ HostPort: '28117' }), { NetworkMode: 'n' })),
    container('cc'),
  ),
  story(
    'two of a range',
    run('cc', bound(tcp({ HostPort: '28117-28118' }))),
    run('dd', bound(tcp({ HostPort: '28117-28118' }))),
    container('dd'),
    run('ee', bound(tcp({ HostPort: '28117-28118' }))),
    container('ee'),
  ),
];

const WRONG: readonly Story[] = [
  published('not a number', tcp({ HostPort: 'x' })),
  published('too high', tcp({ HostPort: '65536' })),
  published('negative', tcp({ HostPort: '-1' })),
  published('a range that goes down', tcp({ HostPort: '28119-28117' })),
  published('a range without an end', tcp({ HostPort: '28117-' })),
  published('of an unknown protocol', { '80/nope': [{ HostPort: '28117' }] }),
  published('of a container port that is none', { 'x/tcp': [{ HostPort: '28117' }] }),
  published('of container port 0', { '0/tcp': [{ HostPort: '28117' }] }),
  published('of a container port too high', { '65536/tcp': [{ HostPort: '28117' }] }),
  published('of an empty container port', { '': [{ HostPort: '28117' }] }),
  published('of a range of container ports', { '80-81/tcp': [{ HostPort: '28117' }] }),
  published('on an address that is none', tcp({ HostIp: 'nowhere', HostPort: '28117' })),
  published('on an address of another host', tcp({ HostIp: '198.51.100.7', HostPort: '28117' })),
  published('an exposed port that is none', {}, {}, { nonsense: {} }),
  published('an exposed port of an unknown protocol', {}, {}, { '80/nope': {} }),
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
  other('everywhere', { HostPort: '28117' }, { HostPort: '28117' }),
  other('on an address', { HostIp: '127.0.0.1', HostPort: '28117' }, { HostPort: '28117' }),
  other('on all addresses', { HostPort: '28117' }, { HostIp: '127.0.0.1', HostPort: '28117' }),
  other(
    'on another address',
    { HostIp: '127.0.0.2', HostPort: '28117' },
    { HostIp: '127.0.0.1', HostPort: '28117' },
  ),
  story(
    'a port that is taken: twice by itself',
    run('cc', bound({ '80/tcp': [{ HostPort: '28117' }], '81/tcp': [{ HostPort: '28117' }] })),
    container('cc'),
  ),
  story(
    'a port that is taken: of a container that does not run',
    create('cc', bound(tcp({ HostPort: '28117' }))),
    run('dd', bound(tcp({ HostPort: '28117' }))),
    start('cc'),
    container('cc'),
  ),
];

export const PORTS: readonly Story[] = [...WORKING, ...WRONG, ...TAKEN];
