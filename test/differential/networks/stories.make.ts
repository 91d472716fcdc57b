/** Networks are made, refused, listed, and taken away. */
import {
  ask,
  inside,
  makeNetwork,
  network,
  pool,
  remove,
  runIn,
  type Story,
  story,
} from './story.ts';

const made = (title: string, fields: object): Story =>
  story(`a network ${title}`, makeNetwork('n', fields), network('n'));

const SUBNET = '198.19.5.0/24';
const six = (subnet: string, more: object = {}) => ({
  EnableIPv6: true,
  IPAM: { Config: [{ Subnet: SUBNET }, { Subnet: subnet, ...more }] },
});
const option = (name: string, value: string) => ({
  Options: { [`com.docker.network.${name}`]: value },
});

/** Also as a container has it: what leads out of it is the gateway. */
const used = (title: string, fields: object): Story =>
  story(`a network ${title}`, makeNetwork('n', fields), runIn('n', 'cc'), inside('cc'));

const WORKING: readonly Story[] = [
  used('with a range that is used', pool(SUBNET, { IPRange: '198.19.5.128/25' })),
  used('with a gateway that is used', pool(SUBNET, { Gateway: '198.19.5.200' })),
  used('with two addresses', pool('198.19.5.0/30')),
  made('that says nothing', {}),
  made('with a subnet', pool(SUBNET)),
  made('with a subnet whose host bits are set', pool('198.19.5.7/24')),
  made('with a gateway', pool(SUBNET, { Gateway: '198.19.5.200' })),
  made('with a range', pool(SUBNET, { IPRange: '198.19.5.128/25' })),
  made(
    'with a range and a gateway',
    pool(SUBNET, { IPRange: '198.19.5.128/25', Gateway: '198.19.5.3' }),
  ),
  made('with auxiliary addresses', pool(SUBNET, { AuxiliaryAddresses: { one: '198.19.5.2' } })),
  made('with a gateway alone', { IPAM: { Config: [{ Gateway: '198.19.5.1' }] } }),
  made('with an IPAM driver', { IPAM: { Driver: 'default', Options: { a: 'b' } } }),
  made('with labels', { Labels: { a: 'b', c: '' } }),
  made('that is internal', { Internal: true }),
  made('that is attachable', { Attachable: true }),
  made('of both families', six('fd5b:77::/64')),
  made('of both families with a gateway', six('fd5b:77::/64', { Gateway: 'fd5b:77::9' })),
  made('with two subnets', {
    IPAM: { Config: [{ Subnet: '198.19.31.0/24' }, { Subnet: '198.19.32.0/24' }] },
  }),
  made('without communication', option('bridge.enable_icc', 'false')),
  made('without masquerade', option('bridge.enable_ip_masquerade', 'false')),
  made('with a host address', option('bridge.host_binding_ipv4', '127.0.0.1')),
  made('with a short MTU', option('driver.mtu', '1400')),
  made('with a name of its bridge', option('bridge.name', 'shiplogdiff0')),
  made('with an option that means nothing', { Options: { foo: 'bar' } }),
  made('of a small subnet', pool('198.19.5.0/30')),
  made('of 31 bits', pool('198.19.30.0/31')),
  made('of the whole range', pool('198.19.0.0/16', { IPRange: '198.19.200.0/24' })),
  made('of the driver bridge by name', { Driver: 'bridge', Scope: 'local' }),
];

/** Each of another subnet: dockerd 20.10 keeps what it gave to a network that it then refused. */
const WRONG: readonly Story[] = [
  made('of an unknown driver', { Driver: 'nope' }),
  made('of the driver host', { Driver: 'host' }),
  made('of the driver null', { Driver: 'null' }),
  made('of the driver overlay', { Driver: 'overlay' }),
  made('of an unknown IPAM driver', { IPAM: { Driver: 'nope' } }),
  made('whose subnet is none', pool('nonsense')),
  made('whose subnet has no length', pool('198.19.5.0')),
  made('whose subnet is too long', pool('198.19.5.0/33')),
  made('whose gateway is outside', pool('198.19.20.0/24', { Gateway: '198.19.6.1' })),
  made('whose gateway is none', pool('198.19.21.0/24', { Gateway: 'nonsense' })),
  made('whose range is outside', pool('198.19.22.0/24', { IPRange: '198.19.6.0/25' })),
  made('whose range is none', pool('198.19.23.0/24', { IPRange: 'nonsense' })),
  made('whose range is wider', pool('198.19.24.0/24', { IPRange: '198.19.0.0/16' })),
  made(
    'whose auxiliary address is outside',
    pool('198.19.25.0/24', { AuxiliaryAddresses: { a: '10.0.0.1' } }),
  ),
  made(
    'whose auxiliary address is none',
    pool('198.19.26.0/24', { AuxiliaryAddresses: { a: 'x' } }),
  ),
  made(
    'whose gateway is an auxiliary address',
    pool('198.19.27.0/24', { Gateway: '198.19.27.1', AuxiliaryAddresses: { a: '198.19.27.1' } }),
  ),
  made('of IPv6 without saying so', pool('fd5b:78::/64')),
  made('of IPv6 without a subnet', { EnableIPv6: true }),
  made('with a wrong boolean', option('bridge.enable_icc', 'maybe')),
  made('with a wrong MTU', option('driver.mtu', 'much')),
  made('with a negative MTU', option('driver.mtu', '-5')),
  made('with a wrong host address', option('bridge.host_binding_ipv4', 'nowhere')),
  made('with a long name of its bridge', option('bridge.name', 'a-name-that-is-too-long')),
  made('from a configuration', { ConfigFrom: { Network: 'nope' } }),
  made('that is ingress', { Ingress: true }),
  ...[
    '',
    ' ',
    'a b',
    'a/b',
    '-n',
    'ümlaut',
    'bridge',
    'host',
    'none',
    'default',
    'container:x',
    'n.x_y-z',
  ].map((name) => story(`a network called ${JSON.stringify(name)}`, makeNetwork(name))),
  story('two networks of one name', makeNetwork('n'), makeNetwork('n')),
  story(
    'two networks of one bridge',
    makeNetwork('n', option('bridge.name', 'shiplogdiff0')),
    makeNetwork('m', option('bridge.name', 'shiplogdiff0')),
  ),
  story(
    'a network that overlaps',
    makeNetwork('n', pool(SUBNET)),
    makeNetwork('same', pool(SUBNET)),
    makeNetwork('part', pool('198.19.5.128/25')),
    makeNetwork('whole', pool('198.19.0.0/16')),
    makeNetwork('beside', pool('198.19.6.0/24')),
    makeNetwork('other', { EnableIPv6: true, IPAM: { Config: [{ Subnet: 'fd5b:77::/64' }] } }),
    makeNetwork('six', { EnableIPv6: true, IPAM: { Config: [{ Subnet: 'fd5b:77::/48' }] } }),
  ),
];

const names = (answer: unknown) =>
  Array.isArray(answer) ? answer.map(({ Name }) => Name).toSorted() : answer;
const list = (filters: object) =>
  ask(`GET /networks?filters=${encodeURIComponent(JSON.stringify(filters))}`, undefined, names);

const FILTERS: readonly object[] = [
  { name: ['n'] },
  { name: ['^n$'] },
  { name: ['labelled', 'host'] },
  { name: ['['] },
  { id: ['nothing'] },
  { driver: ['bridge'] },
  { driver: ['null', 'host'] },
  { driver: ['nope'] },
  { scope: ['local'] },
  { scope: ['swarm'] },
  { scope: ['nope'] },
  { type: ['custom'] },
  { type: ['builtin'] },
  { type: ['nope'] },
  { label: ['a'] },
  { label: ['a=b'] },
  { label: ['a=c'] },
  { label: ['a', 'd'] },
  { dangling: ['true'] },
  { dangling: ['false'] },
  { dangling: ['maybe'] },
  { dangling: ['true', 'false'] },
  { name: ['n'], driver: ['host'] },
  { until: ['1h'] },
];

const LISTING = story(
  'networks are listed',
  makeNetwork('n'),
  makeNetwork('labelled', { Labels: { a: 'b' } }),
  makeNetwork('used'),
  runIn('used', 'cc'),
  FILTERS.map(list),
  ask('GET /networks', undefined, names),
  ask('GET /networks?filters=nonsense'),
);

const SHOWING: readonly Story[] = [
  story('the networks that are there', network('bridge'), network('host'), network('none')),
  story(
    'a network with members',
    makeNetwork('n', pool(SUBNET)),
    runIn('n', 'cc'),
    runIn('n', 'dd', { IPAMConfig: { IPv4Address: '198.19.5.77' } }),
    network('n'),
    remove('cc'),
    network('n'),
    ask('GET /networks/n?scope=swarm'),
    ask('GET /networks/n?verbose=1', undefined, () => true),
    ask('GET /networks/nope'),
  ),
];

const prune = (filters: object = {}) =>
  ask(
    `POST /networks/prune?filters=${encodeURIComponent(JSON.stringify(filters))}`,
    undefined,
    (answer) => Object(answer).NetworksDeleted?.toSorted() ?? null,
  );

const GOING: readonly Story[] = [
  story(
    'networks that may not go',
    makeNetwork('n'),
    runIn('n', 'cc'),
    ask('DELETE /networks/n'),
    ask('DELETE /networks/bridge'),
    ask('DELETE /networks/host'),
    ask('DELETE /networks/none'),
    ask('DELETE /networks/nope'),
    ask('POST /containers/cc/stop?t=5'),
    ask('DELETE /networks/n'),
    ask('POST /containers/cc/start'),
  ),
  story(
    'networks are pruned',
    makeNetwork('a', { Labels: { keep: 'yes' } }),
    makeNetwork('b'),
    makeNetwork('used'),
    makeNetwork('stopped'),
    runIn('used', 'cc'),
    runIn('stopped', 'dd'),
    ask('POST /containers/dd/stop?t=5'),
    prune({ 'label!': ['keep'] }),
    prune({ until: ['1h'] }),
    prune({ label: ['nope'] }),
    prune({ bogus: ['x'] }),
    prune({ until: ['nonsense'] }),
    prune(),
    prune(),
    ask('GET /networks', undefined, names),
  ),
];

export const MAKING: readonly Story[] = [...WORKING, ...WRONG, LISTING, ...SHOWING, ...GOING];
