/** Containers start in networks of each kind. */
import {
  ask,
  container,
  create,
  inside,
  makeNetwork,
  network,
  pool,
  remove,
  run,
  runIn,
  SETTINGS,
  type Story,
  start,
  stop,
  story,
} from './story.ts';

const SUBNET = '198.19.5.0/24';
const SIX = {
  EnableIPv6: true,
  IPAM: { Config: [{ Subnet: SUBNET }, { Subnet: 'fd5b:77::/64' }] },
};
const looked = (name: string) => [container(name), inside(name), inside(name, SETTINGS)];

const MODES: readonly Story[] = [
  story('a container that says nothing', run('cc'), looked('cc'), stop('cc'), container('cc')),
  ...['default', 'bridge', 'none', 'host'].map((mode) =>
    story(
      `a container in ${mode}`,
      runIn(mode, 'cc'),
      container('cc'),
      // Of the host's there is more than both have alike.
      mode === 'host' ? inside('cc', 'cat /etc/hosts /etc/resolv.conf') : looked('cc'),
      network('bridge'),
      stop('cc'),
      container('cc'),
      start('cc'),
      container('cc'),
    ),
  ),
  story(
    'a container in a network',
    makeNetwork('n'),
    runIn('n', 'cc'),
    looked('cc'),
    network('n'),
    stop('cc'),
    container('cc'),
  ),
  story(
    'a container in a network by id',
    makeNetwork('n'),
    runIn('n', 'cc'),
    ask('GET /containers/json?filters={"network":["n"]}', undefined, (all) => Object(all).length),
  ),
  story(
    'a container in a network of both families',
    makeNetwork('n', SIX),
    runIn('n', 'cc'),
    looked('cc'),
  ),
  story(
    'a container in an internal network',
    makeNetwork('n', { Internal: true }),
    runIn('n', 'cc'),
    looked('cc'),
  ),
  story(
    'a container in a network of a short MTU',
    makeNetwork('n', { Options: { 'com.docker.network.driver.mtu': '1400' } }),
    runIn('n', 'cc'),
    inside('cc'),
  ),
  story(
    'a container that was never started',
    makeNetwork('n'),
    create('cc', { host: { NetworkMode: 'n' } }),
    container('cc'),
    network('n'),
  ),
  story(
    'a container in another',
    run('cc'),
    runIn('container:cc', 'dd'),
    container('dd'),
    inside('dd'),
    stop('cc'),
    ask('POST /containers/dd/restart?t=5'),
  ),
  story(
    'a container in another that is in a network',
    makeNetwork('n'),
    runIn('n', 'cc'),
    runIn('container:cc', 'dd'),
    container('dd'),
    inside('dd'),
    network('n'),
  ),
  story(
    'a container in one of the host',
    runIn('host', 'cc'),
    runIn('container:cc', 'dd'),
    container('dd'),
  ),
];

const lost = (mode: string) => story(`a container in ${mode}`, runIn(mode, 'cc'), container('cc'));
const LOST: readonly Story[] = [
  lost('nowhere'),
  lost('container:nobody'),
  lost('container:'),
  story('a container in itself', runIn('container:cc', 'cc')),
  story(
    'a container in one that does not run',
    create('cc'),
    runIn('container:cc', 'dd'),
    container('dd'),
  ),
  story(
    'a container in a network that has gone',
    makeNetwork('n'),
    create('cc', { host: { NetworkMode: 'n' } }),
    ask('DELETE /networks/n'),
    start('cc'),
    container('cc'),
    makeNetwork('n'),
    start('cc'),
    container('cc'),
  ),
];

const conflict = (mode: string, title: string, config: object, host: object = {}) =>
  story(
    `${title} in ${mode}`,
    run('donor'),
    create('cc', { config, host: { NetworkMode: mode, ...host } }),
    start('cc'),
    container('cc'),
    inside('cc', 'hostname; cat /etc/hosts /etc/resolv.conf /proc/sys/kernel/domainname'),
  );

const PORT = { PortBindings: { '80/tcp': [{ HostPort: '' }] } };
const CONFLICTS: readonly Story[] = ['host', 'none', 'container:donor'].flatMap((mode) => [
  conflict(mode, 'a host name', { Hostname: 'named' }),
  conflict(mode, 'a domain name', { Hostname: 'named', Domainname: 'example.org' }),
  conflict(mode, 'a port', {}, PORT),
  conflict(mode, 'all ports', { ExposedPorts: { '80/tcp': {} } }, { PublishAllPorts: true }),
  conflict(mode, 'an exposed port', { ExposedPorts: { '80/tcp': {} } }),
  conflict(mode, 'a name server', {}, { Dns: ['192.0.2.9'] }),
  conflict(mode, 'a host entry', {}, { ExtraHosts: ['up:192.0.2.9'] }),
  conflict(mode, 'a link', {}, { Links: ['donor:d'] }),
  conflict(mode, 'a MAC address', { MacAddress: '02:42:00:00:00:05' }),
]);

const asked = (title: string, settings: object, fields: object = pool(SUBNET), more: object = {}) =>
  story(
    `a container that asks for ${title}`,
    makeNetwork('n', fields),
    runIn('n', 'cc', settings),
    container('cc'),
    inside('cc', 'ip addr show eth0'),
    ...(Object.keys(more).length > 0 ? [] : []),
  );
const ip4 = (IPv4Address: string) => ({ IPAMConfig: { IPv4Address } });
const ip6 = (IPv6Address: string) => ({ IPAMConfig: { IPv6Address } });

const ADDRESSES: readonly Story[] = [
  asked('an address', ip4('198.19.5.77')),
  asked(
    'an address of both families',
    { IPAMConfig: { IPv4Address: '198.19.5.77', IPv6Address: 'fd5b:77::77' } },
    SIX,
  ),
  asked('an address outside', ip4('198.19.6.77')),
  asked(
    'an address outside of the range',
    ip4('198.19.5.7'),
    pool(SUBNET, { IPRange: '198.19.5.128/25' }),
  ),
  asked('an address of a network without a subnet', ip4('10.63.1.7'), {}),
  asked('the address of the gateway', ip4('198.19.5.1')),
  asked('the address of the network', ip4('198.19.5.0')),
  asked('the broadcast address', ip4('198.19.5.255')),
  asked(
    'an auxiliary address',
    ip4('198.19.5.9'),
    pool(SUBNET, { AuxiliaryAddresses: { a: '198.19.5.9' } }),
  ),
  asked('an address that is none', ip4('nonsense')),
  asked('an IPv6 address without IPv6', ip6('fd5b:77::77')),
  asked('an IPv6 address outside', ip6('fd5b:78::77'), SIX),
  asked('an IPv6 address that is one of IPv4', ip6('198.19.5.77'), SIX),
  asked('a link-local address', { IPAMConfig: { LinkLocalIPs: ['169.254.7.7'] } }),
  asked('a link-local address that is of no link', { IPAMConfig: { LinkLocalIPs: ['192.0.2.7'] } }),
  asked('a link-local address that is none', { IPAMConfig: { LinkLocalIPs: ['nonsense'] } }),
  asked('a MAC address', { MacAddress: '02:42:00:00:00:07' }),
  asked('a MAC address that is none', { MacAddress: 'nonsense' }),
  asked('aliases', { Aliases: ['one', 'two'] }),
  asked('driver options', { DriverOpts: { a: 'b' } }),
  story(
    'a MAC address of the container',
    run('cc', { config: { MacAddress: '02:42:00:00:00:06' } }),
    container('cc'),
    inside('cc', 'ip addr show eth0'),
  ),
  story(
    'a MAC address of the container that is none',
    run('cc', { config: { MacAddress: 'nonsense' } }),
  ),
  story(
    'an address on the default bridge',
    run('cc', { endpoints: { bridge: ip4('10.63.0.77') } }),
    container('cc'),
  ),
  story(
    'an alias on the default bridge',
    run('cc', { endpoints: { bridge: { Aliases: ['x'] } } }),
    container('cc'),
  ),
  story(
    'an address on none',
    run('cc', { host: { NetworkMode: 'none' }, endpoints: { none: ip4('10.63.0.77') } }),
  ),
  story(
    'endpoints of another network',
    makeNetwork('n'),
    run('cc', { host: { NetworkMode: 'bridge' }, endpoints: { n: {} } }),
    container('cc'),
  ),
  story(
    'endpoints of two networks',
    makeNetwork('n'),
    makeNetwork('m'),
    run('cc', { host: { NetworkMode: 'n' }, endpoints: { n: {}, m: {} } }),
  ),
  story('endpoints of an unknown network', run('cc', { endpoints: { nowhere: {} } })),
  story(
    'an address that somebody has',
    makeNetwork('n', pool(SUBNET)),
    runIn('n', 'cc', ip4('198.19.5.77')),
    runIn('n', 'dd', ip4('198.19.5.77')),
    container('dd'),
    stop('cc'),
    start('dd'),
    start('cc'),
    remove('dd'),
    start('cc'),
    container('cc'),
  ),
  story(
    'addresses that run out',
    makeNetwork('n', pool('198.19.5.0/30')),
    runIn('n', 'cc'),
    runIn('n', 'dd'),
    container('dd'),
    remove('cc'),
    start('dd'),
    container('dd'),
  ),
];

export const RUNNING: readonly Story[] = [...MODES, ...LOST, ...CONFLICTS, ...ADDRESSES];
