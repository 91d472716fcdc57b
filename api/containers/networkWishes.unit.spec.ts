/** What a create says of networks: what is refused, and what is only warned of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerCreateRequest } from '../openapi.gen.ts';
import { checkNetworkWishes, networkWarnings } from './networkWishes.ts';

const told = (asked: ContainerCreateRequest, version = '1.41' as const): string => {
  try {
    checkNetworkWishes(asked, version);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
const port = (name: string, binding: object = {}) => ({
  HostConfig: { PortBindings: { [name]: [{ ...binding }] } },
});

test('ports are numbers with a protocol, bound to ports and addresses of the host', () => {
  for (const binding of [{}, { HostPort: '80' }, { HostPort: '80-82', HostIp: '::1' }]) {
    assert.equal(told(port('80/udp', binding)), '');
  }
  for (const name of ['', 'x/tcp', '0/tcp', '65536', '80/nope', '80-81/tcp']) {
    assert.equal(told(port(name)), `invalid port specification: "${name}"`);
    assert.match(told({ ExposedPorts: { [name]: {} } }), /^invalid port specification/);
  }
  for (const HostPort of ['x', '-1', '65536', '82-80', '80-']) {
    assert.equal(told(port('80', { HostPort })), `invalid port specification: "${HostPort}"`);
  }
});

test('a host address that is none never gets to the rules', () => {
  for (const HostIp of ['nowhere', '1.2.3', 'fe80::1%eth0', '127.0.0.1 . 80 ; flush ruleset']) {
    assert.match(told(port('80', { HostIp, HostPort: '80' })), /^invalid host address of a port: /);
  }
});

test('what joins the network of another says nothing of it', () => {
  const joining = (config: object, host: object = {}) =>
    told({ ...config, HostConfig: { NetworkMode: 'container:d', ...host } });
  assert.equal(joining({}), '');
  assert.match(joining({ Hostname: 'x' }), /hostname and the network mode/);
  assert.match(joining({}, { Dns: ['1.1.1.1'] }), /dns and the network mode/);
  assert.match(joining({}, { ExtraHosts: ['a:1.1.1.1'] }), /custom host-to-IP mapping/);
  assert.match(joining({}, { Links: ['a'] }), /can't be used with links/);
  assert.match(joining({}, { PublishAllPorts: true }), /port publishing/);
  assert.match(joining({ ExposedPorts: { '80/tcp': {} } }), /port exposing/);
  assert.match(told({ HostConfig: { NetworkMode: 'container:' } }), /invalid container format/);
  assert.match(told({ HostConfig: { NetworkMode: 'host', Links: ['a'] } }), /host type networking/);
});

test('a MAC address is one, and somebody has it', () => {
  assert.equal(told({ MacAddress: '02:42:00:00:00:05' }), '');
  assert.equal(told({ MacAddress: 'x' }), 'invalid MAC address: x');
  const none = { MacAddress: '02:42:00:00:00:05', HostConfig: { NetworkMode: 'none' } };
  assert.match(told(none), /mac-address and the network mode/);
});

test('ports in the network of the host are taken, and said to mean nothing', () => {
  assert.deepEqual(networkWarnings(port('80'), 'bridge', '1.41'), []);
  assert.match(
    networkWarnings(port('80'), 'host', '1.41')[0] ?? '',
    /Published ports are discarded/,
  );
  const wide = networkWarnings({ MacAddress: '02:42:00:00:00:05' }, 'bridge', '1.44');
  assert.match(wide[0] ?? '', /deprecated/);
});
