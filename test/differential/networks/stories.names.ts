/** Names: files of the container, links, and what is answered to those who ask. */
import {
  ask,
  connect,
  container,
  create,
  disconnect,
  inside,
  makeNetwork,
  pool,
  remove,
  run,
  runIn,
  type Story,
  start,
  stop,
  story,
} from './story.ts';

const FILES = 'cat /etc/hosts /etc/resolv.conf /etc/hostname; hostname; hostname -d';
const written = (title: string, host: object, config: object = {}): readonly Story[] => [
  story(
    `${title} on the default bridge`,
    run('cc', { host, config }),
    container('cc'),
    inside('cc', FILES),
  ),
  story(
    `${title} in a network`,
    makeNetwork('n'),
    run('cc', { host: { ...host, NetworkMode: 'n' }, config }),
    container('cc'),
    inside('cc', FILES),
  ),
];

const FILES_OF: readonly Story[] = [
  written('nothing', {}),
  written('a host name', {}, { Hostname: 'named' }),
  written('a host name with dots', {}, { Hostname: 'named.example.org' }),
  written('a domain name', {}, { Hostname: 'named', Domainname: 'example.org' }),
  written('a domain name alone', {}, { Domainname: 'example.org' }),
  written('name servers', { Dns: ['192.0.2.9', '192.0.2.10'] }),
  written('a name server of IPv6', { Dns: ['2001:db8::9'] }),
  written('search domains', { DnsSearch: ['example.org', 'example.com'] }),
  written('no search domain', { DnsSearch: ['.'] }),
  written('resolver options', { DnsOptions: ['ndots:3', 'use-vc'] }),
  written('all of the resolver', {
    Dns: ['192.0.2.9'],
    DnsSearch: ['example.org'],
    DnsOptions: ['timeout:2'],
  }),
  written('hosts', { ExtraHosts: ['there:192.0.2.9', 'also:2001:db8::1', 'there:192.0.2.10'] }),
  written('the host as gateway', { ExtraHosts: ['up:host-gateway'] }),
].flat();

const WRONG: readonly Story[] = [
  story('a name server that is none', run('cc', { host: { Dns: ['nowhere'] } })),
  story('a host entry without an address', run('cc', { host: { ExtraHosts: ['there'] } })),
  story('a host entry with a wrong address', run('cc', { host: { ExtraHosts: ['there:1.2'] } })),
  story('a host entry without a name', run('cc', { host: { ExtraHosts: [':192.0.2.9'] } })),
  story('a host name that is too long', run('cc', { config: { Hostname: 'x'.repeat(64) } })),
  story(
    'a host name that is none',
    run('cc', { config: { Hostname: '-x' } }),
    run('dd', { config: { Hostname: 'a b' } }),
  ),
];

/** Answers alone: dockerd's own resolver asks others for what it does not know. */
const look = (...names: readonly string[]): string =>
  [
    'exec 2>/dev/null',
    ...names.map(
      (name) =>
        `echo "# ${name}"; timeout 3 nslookup -type=a ${name} | sed -n '/^Name:/,$p' | sort`,
    ),
  ].join('; ');

const linked = (title: string, links: readonly string[], more: object = {}): Story =>
  story(
    `links: ${title}`,
    run('web', { config: { Env: ['A=1'], ExposedPorts: { '80/tcp': {}, '81/udp': {} } } }),
    run('cc', { host: { Links: links, ...more } }),
    container('cc'),
    inside('cc', 'cat /etc/hosts; env | sort'),
    ask('POST /containers/web/restart?t=5'),
    inside('cc', 'cat /etc/hosts'),
    remove('web'),
    container('cc'),
  );

const LINKS: readonly Story[] = [
  linked('by name', ['web']),
  linked('by another name', ['web:site']),
  linked('to nobody', ['nobody:x']),
  linked('of nonsense', ['a:b:c']),
  linked('empty', ['']),
  linked('twice', ['web:a', 'web:b']),
  story(
    'links: to one that does not run',
    create('web'),
    run('cc', { host: { Links: ['web:site'] } }),
    container('cc'),
  ),
  story(
    'links: in a network',
    makeNetwork('n'),
    runIn('n', 'web'),
    run('cc', { host: { NetworkMode: 'n', Links: ['web:site'] } }),
    container('cc'),
    inside('cc', 'cat /etc/hosts; env | sort'),
  ),
  story(
    'links: to one in a network',
    makeNetwork('n'),
    runIn('n', 'web'),
    run('cc', { host: { Links: ['web:site'] } }),
    container('cc'),
  ),
  story(
    'links: of an endpoint',
    makeNetwork('n'),
    runIn('n', 'web'),
    runIn('n', 'cc', { Links: ['web:site'] }),
    container('cc'),
    inside('cc', `cat /etc/hosts; ${look('site')}`),
  ),
  story(
    'links: a removed link',
    run('web'),
    run('cc', { host: { Links: ['web:site'] } }),
    ask('DELETE /containers/cc/site?link=1'),
    container('cc'),
    inside('cc', 'cat /etc/hosts'),
  ),
];

const ASKED: readonly Story[] = [
  story(
    'names in a network',
    makeNetwork('n', pool('198.19.5.0/24')),
    runIn('n', 'cc', { Aliases: ['one'] }),
    runIn('n', 'dd', { Aliases: ['one', 'two'] }),
    run('out'),
    inside('cc', look('cc', 'dd', 'one', 'two', 'dd.n', 'out')),
    inside('cc', 'nslookup 198.19.5.3 | grep -v "^$"'),
    connect('n', 'out', { Aliases: ['late'] }),
    inside('cc', look('out', 'late')),
    inside('out', look('cc', 'out', 'late')),
    inside('out', FILES),
    ask('POST /containers/dd/rename?name=ee'),
    inside('cc', look('dd', 'ee', 'two')),
    stop('ee'),
    inside('cc', look('ee', 'two')),
    start('ee'),
    disconnect('n', 'out'),
    inside('cc', look('out', 'late', 'ee')),
  ),
  story(
    'names in two networks',
    makeNetwork('n'),
    makeNetwork('m'),
    runIn('n', 'cc'),
    runIn('m', 'dd'),
    inside('cc', look('dd')),
    connect('m', 'cc', { Aliases: ['here'] }),
    inside('cc', look('dd', 'cc')),
    inside('dd', look('cc', 'here')),
    container('cc'),
  ),
];

export const NAMES: readonly Story[] = [...FILES_OF, ...WRONG, ...LINKS, ...ASKED];
