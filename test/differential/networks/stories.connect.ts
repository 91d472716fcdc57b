/** Containers come into networks and leave them while they run, and before. */
import {
  connect,
  container,
  create,
  disconnect,
  inside,
  makeNetwork,
  network,
  pool,
  remove,
  run,
  runIn,
  type Step,
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
const N = makeNetwork('n', pool(SUBNET));
const ip4 = (IPv4Address: string) => ({ IPAMConfig: { IPv4Address } });
const looked: readonly Step[] = [container('cc'), inside('cc'), network('n')];

const joined = (title: string, settings: object, made: Step = N): Story =>
  story(`a connect ${title}`, made, run('cc'), connect('n', 'cc', settings), looked);

const WORKING: readonly Story[] = [
  joined('that asks for nothing', {}),
  joined('at an address', ip4('198.19.5.77')),
  joined('with aliases', { Aliases: ['one', 'two'] }),
  joined('at a MAC address', { MacAddress: '02:42:00:00:00:07' }),
  joined('with driver options', { DriverOpts: { a: 'b' } }),
  joined(
    'at addresses of both families',
    { IPAMConfig: { IPv4Address: '198.19.5.77', IPv6Address: 'fd5b:77::77' } },
    makeNetwork('n', SIX),
  ),
  joined('to both families', {}, makeNetwork('n', SIX)),
  joined('to an internal network', {}, makeNetwork('n', { Internal: true })),
  joined('at a link-local address', { IPAMConfig: { LinkLocalIPs: ['169.254.7.7'] } }),
  joined(
    'at link-local addresses of both families',
    { IPAMConfig: { LinkLocalIPs: ['169.254.7.7', 'fe80::7'] } },
    makeNetwork('n', SIX),
  ),
  story(
    'in and out',
    N,
    makeNetwork('a'),
    run('cc'),
    connect('n', 'cc'),
    connect('a', 'cc'),
    looked,
    disconnect('n', 'cc'),
    looked,
    disconnect('bridge', 'cc'),
    looked,
    disconnect('a', 'cc'),
    looked,
    connect('n', 'cc'),
    looked,
    stop('cc'),
    container('cc'),
    start('cc'),
    looked,
  ),
  story(
    'before the start',
    N,
    create('cc'),
    connect('n', 'cc', { ...ip4('198.19.5.77'), Aliases: ['x'] }),
    container('cc'),
    network('n'),
    start('cc'),
    looked,
    stop('cc'),
    disconnect('n', 'cc'),
    container('cc'),
    disconnect('bridge', 'cc'),
    container('cc'),
    start('cc'),
    container('cc'),
    inside('cc'),
  ),
  story(
    'a port moves along',
    N,
    run('cc', {
      config: { ExposedPorts: { '80/tcp': {} } },
      host: { PortBindings: { '80/tcp': [{ HostPort: '28117' }] } },
    }),
    connect('n', 'cc'),
    container('cc'),
    disconnect('bridge', 'cc'),
    container('cc'),
    disconnect('n', 'cc'),
    container('cc'),
  ),
  story(
    'a paused container',
    N,
    run('cc'),
    { kind: 'answer', line: 'POST /containers/cc/pause' },
    connect('n', 'cc'),
    container('cc'),
    disconnect('n', 'cc'),
    container('cc'),
  ),
];

const refused = (title: string, ...steps: readonly (Step | readonly Step[])[]): Story =>
  story(`connect, refused: ${title}`, ...steps);

const REFUSED: readonly Story[] = [
  refused('an address outside', N, run('cc'), connect('n', 'cc', ip4('198.19.6.77')), looked),
  refused('an address that is none', N, run('cc'), connect('n', 'cc', ip4('nonsense')), looked),
  refused(
    'a link-local address that is of no link',
    N,
    run('cc'),
    connect('n', 'cc', { IPAMConfig: { LinkLocalIPs: ['169.254.7.7', '192.0.2.7'] } }),
    looked,
  ),
  refused(
    'an address of a network without a subnet',
    makeNetwork('n'),
    run('cc'),
    connect('n', 'cc', ip4('10.63.1.7')),
    looked,
  ),
  refused(
    'the address of the gateway',
    N,
    run('cc'),
    connect('n', 'cc', ip4('198.19.5.1')),
    looked,
  ),
  refused(
    'an address that somebody has',
    N,
    runIn('n', 'dd', ip4('198.19.5.77')),
    run('cc'),
    connect('n', 'cc', ip4('198.19.5.77')),
    looked,
  ),
  refused(
    'an IPv6 address without IPv6',
    N,
    run('cc'),
    connect('n', 'cc', { IPAMConfig: { IPv6Address: 'fd5b:77::77' } }),
    looked,
  ),
  refused(
    'a MAC address that is none',
    N,
    run('cc'),
    connect('n', 'cc', { MacAddress: 'nonsense' }),
    looked,
  ),
  refused(
    'outside, before the start',
    N,
    create('cc'),
    connect('n', 'cc', ip4('198.19.6.77')),
    container('cc'),
    start('cc'),
    container('cc'),
  ),
  refused('twice', N, run('cc'), connect('n', 'cc'), connect('n', 'cc'), connect('bridge', 'cc')),
  refused(
    'twice, before the start',
    N,
    create('cc'),
    connect('n', 'cc'),
    connect('n', 'cc'),
    connect('bridge', 'cc'),
  ),
  refused(
    'unknown',
    N,
    run('cc'),
    connect('nowhere', 'cc'),
    connect('n', 'nobody'),
    connect('nowhere', 'nobody'),
  ),
  refused(
    'addresses that run out',
    makeNetwork('n', pool('198.19.5.0/30')),
    runIn('n', 'dd'),
    run('cc'),
    connect('n', 'cc'),
    looked,
  ),
  refused(
    'an alias on the default bridge',
    N,
    runIn('n', 'cc'),
    connect('bridge', 'cc', { Aliases: ['x'] }),
    container('cc'),
  ),
  refused(
    'an address on the default bridge',
    N,
    runIn('n', 'cc'),
    connect('bridge', 'cc', ip4('10.63.0.77')),
    container('cc'),
  ),
];

/** What each of the networks says to a container of each mode. */
const among = (mode: string, when: 'running' | 'created' | 'exited'): Story =>
  story(
    `connects of a container in ${mode}, ${when}`,
    N,
    run('donor'),
    create('cc', { host: { NetworkMode: mode } }),
    when === 'created' ? [] : start('cc'),
    when === 'exited' ? stop('cc') : [],
    ['n', 'bridge', 'host', 'none', 'nowhere'].flatMap((name) => [
      connect(name, 'cc'),
      container('cc'),
      disconnect(name, 'cc'),
      container('cc'),
    ]),
    disconnect('n', 'cc', true),
    disconnect('nowhere', 'cc', true),
    start('cc'),
    container('cc'),
  );

const AMONG: readonly Story[] = ['none', 'host', 'container:donor', 'bridge', 'n'].flatMap(
  (mode) => [among(mode, 'running'), among(mode, 'created'), among(mode, 'exited')],
);

const LEAVING: readonly Story[] = [
  story(
    'disconnect, refused',
    N,
    run('cc'),
    disconnect('n', 'cc'),
    disconnect('nowhere', 'cc'),
    disconnect('n', 'nobody'),
    disconnect('nowhere', 'nobody'),
    disconnect('nowhere', 'nobody', true),
    disconnect('nowhere', 'cc', true),
    disconnect('n', 'cc', true),
    create('dd'),
    disconnect('n', 'dd'),
    disconnect('n', 'dd', true),
  ),
  story(
    'disconnect by force',
    N,
    runIn('n', 'cc'),
    disconnect('n', 'cc', true),
    container('cc'),
    network('n'),
  ),
  story(
    'disconnect of what is stopped',
    N,
    runIn('n', 'cc'),
    stop('cc'),
    disconnect('n', 'cc'),
    container('cc'),
    start('cc'),
    container('cc'),
    inside('cc'),
  ),
  story(
    'a container goes with its networks',
    N,
    run('cc'),
    connect('n', 'cc'),
    remove('cc'),
    network('n'),
  ),
  story(
    'a restart in two networks',
    N,
    run('cc'),
    connect('n', 'cc', { Aliases: ['x'] }),
    { kind: 'answer', line: 'POST /containers/cc/restart?t=5' },
    looked,
  ),
];

export const CONNECTING: readonly Story[] = [...WORKING, ...REFUSED, ...AMONG, ...LEAVING];
