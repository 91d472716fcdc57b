/** What is wrong with a network that is asked for, in docker's words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDriverOptions } from './driverOptions.ts';
import { familiesOf } from './families.ts';
import { checkPools } from './pools.ts';

const said = (act: () => void): string => {
  try {
    act();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
const pool = (subnet: string, more: object = {}, ipv6 = false): string =>
  said(() => checkPools([{ subnet, ipRange: '', gateway: '', auxiliary: {}, ...more }], ipv6));

test('a subnet with all that lies in it is fine', () => {
  const more = { ipRange: '10.1.2.128/25', gateway: '10.1.2.3', auxiliary: { a: '10.1.2.4' } };
  assert.equal(pool('10.1.2.0/24', more), '');
  assert.equal(pool('fd00:1::/64', { gateway: 'fd00:1::9' }, true), '');
  assert.equal(pool('', {}), '');
});

test('all that is wrong is said at once', () => {
  const more = { ipRange: '10.0.0.0/8', gateway: '10.9.2.3', auxiliary: { a: 'fd00::1' } };
  assert.equal(
    pool('10.1.2.7/24', more),
    `invalid network config:
* invalid subnet 10.1.2.7/24: it should be 10.1.2.0/24
* invalid ip-range 10.0.0.0/8: CIDR block is bigger than its parent subnet 10.1.2.0/24
* invalid gateway 10.9.2.3: parent subnet 10.1.2.0/24 doesn't contain this address
* invalid auxiliary address a: parent subnet is an IPv4 block`,
  );
  assert.equal(
    pool('', { gateway: '10.1.2.3' }),
    "invalid network config:\ninvalid gateway 10.1.2.3: parent subnet invalid Prefix doesn't " +
      'contain this address',
  );
});

test('what is no subnet or no address is refused, but for pools that are left out', () => {
  assert.match(pool('x'), /^invalid subnet x: invalid CIDR block notation$/);
  assert.match(pool('10.1.2.0/24', { ipRange: 'x' }), /^invalid ip-range x/);
  assert.match(pool('10.1.2.0/24', { gateway: 'x' }), /^invalid gateway x/);
  assert.equal(pool('fd00:1::7/64'), '');
  assert.match(pool('fd00:1::7/64', {}, true), /it should be fd00:1::\/64$/);
});

const option = (name: string, value: string): string =>
  said(() => checkDriverOptions({ [`com.docker.network.${name}`]: value }));

test('options of the driver are read as docker reads them', () => {
  for (const [name, value] of [
    ['bridge.enable_icc', 'T'],
    ['bridge.enable_ip_masquerade', '0'],
    ['driver.mtu', '1400'],
    ['bridge.host_binding_ipv4', '127.0.0.1'],
    ['bridge.unheard_of', 'anything'],
  ] as const) {
    assert.equal(option(name, value), '', name);
  }
  assert.equal(
    option('bridge.enable_icc', 'maybe'),
    'failed to parse com.docker.network.bridge.enable_icc value: maybe ' +
      '(strconv.ParseBool: parsing "maybe": invalid syntax)',
  );
  assert.match(option('driver.mtu', 'much'), /strconv\.Atoi: parsing "much": invalid syntax/);
  assert.equal(option('driver.mtu', '-5'), 'invalid MTU number: -5');
  assert.match(option('bridge.host_binding_ipv4', 'nowhere'), /\(nil ip\)$/);
});

const FOUR = 'com.docker.network.enable_ipv4';
const SIX = 'com.docker.network.enable_ipv6';

test('a field says which families a network has, else an option of the driver', () => {
  const of = (asked: object, options: Record<string, string> = {}, version = '1.55') =>
    familiesOf(asked, options, version);
  assert.deepEqual(of({}), { enableIPv6: false, options: {} });
  const six = { enableIPv4: false, enableIPv6: true, options: {} };
  assert.deepEqual(of({ EnableIPv4: false, EnableIPv6: true }), six);
  assert.deepEqual(of({ EnableIPv4: false }, { [SIX]: 'true' }).options, { [SIX]: 'true' });
  assert.deepEqual(of({ EnableIPv6: true }, { [FOUR]: '0', [SIX]: 'x' }), {
    ...six,
    options: { [FOUR]: '0' },
  });
  assert.deepEqual(of({ EnableIPv4: false }, {}, '1.47'), { enableIPv6: false, options: {} });
  assert.equal(
    said(() => of({ EnableIPv4: false })),
    'IPv4 or IPv6 must be enabled',
  );
  assert.equal(
    said(() => of({}, { [FOUR]: 'no' })),
    `driver-opt "${FOUR}" is not a valid bool`,
  );
});
