/** hosts, hostname and resolv.conf as text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainHostConfig } from '../spec/fixture.ts';
import { hostnameFile, hostServers, hostsFile, resolvConfFile } from './networkFiles.ts';

const host = {
  hosts: '127.0.0.1 localhost the-host\n',
  resolvConf: [
    '# made by hand',
    'nameserver 127.0.0.53',
    'nameserver 192.0.2.1 ; the good one',
    'search example.org example.net',
    'options edns0',
    '',
  ].join('\n'),
};

const LOCAL = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
  '',
].join('\n');

test('without a network hosts holds the local names', () => {
  assert.equal(hostsFile(plainHostConfig(), host), LOCAL);
});

test('extra hosts are appended, address first, in either spelling', () => {
  const ExtraHosts = ['db:192.0.2.7', 'six=[2001:db8::1]', 'up:host-gateway'];
  assert.equal(
    hostsFile(plainHostConfig({ ExtraHosts }), host),
    `${LOCAL}192.0.2.7\tdb\n2001:db8::1\tsix\n`,
  );
});

test("with the host network hosts and resolv.conf are the host's own", () => {
  const hostConfig = plainHostConfig({ NetworkMode: 'host' });
  assert.equal(hostsFile(hostConfig, host), host.hosts);
  assert.equal(resolvConfFile(hostConfig, host), host.resolvConf);
});

test("servers on the host's loopback are left out elsewhere", () => {
  assert.equal(
    resolvConfFile(plainHostConfig(), host),
    'nameserver 192.0.2.1\nsearch example.org example.net\noptions edns0\n',
  );
});

test('each of Dns, DnsSearch and DnsOptions replaces its own part', () => {
  const change = (changes: Record<string, readonly string[]>): string =>
    resolvConfFile(plainHostConfig(changes), host);
  assert.match(change({ Dns: ['192.0.2.9'] }), /^nameserver 192\.0\.2\.9\nsearch example\.org/);
  assert.match(change({ DnsSearch: ['a.b'] }), /\nsearch a\.b\noptions edns0\n$/);
  assert.doesNotMatch(change({ DnsSearch: ['.'] }), /search/);
  assert.match(change({ DnsOptions: ['ndots:2'] }), /\noptions ndots:2\n$/);
});

test('hostname is one line', () => {
  assert.equal(hostnameFile('web'), 'web\n');
});

const named = {
  entries: [
    ['172.18.0.2', 'box'],
    ['172.18.0.3', 'db other'],
  ],
  hostGateway: '172.17.0.1',
  resolves: true,
} as const;

test('own addresses and links follow, and the host is where its bridge is', () => {
  const hostConfig = plainHostConfig({ ExtraHosts: ['up:host-gateway'] });
  assert.equal(
    hostsFile(hostConfig, host, named),
    `${LOCAL}172.17.0.1\tup\n172.18.0.2\tbox\n172.18.0.3\tdb other\n`,
  );
});

test('where names of containers are answered, the servers stand behind the one who answers', () => {
  assert.equal(
    resolvConfFile(plainHostConfig({ Dns: ['192.0.2.9'] }), host, named),
    'nameserver 127.0.0.11\nsearch example.org example.net\noptions edns0 ndots:0\n',
  );
  const chosen = plainHostConfig({ DnsOptions: ['ndots:2'] });
  assert.match(resolvConfFile(chosen, host, named), /\noptions ndots:2\n$/);
});

test('servers on the loopback of the host are its own, and nobody else’s', () => {
  assert.deepEqual(hostServers(host), ['127.0.0.53', '192.0.2.1']);
});
