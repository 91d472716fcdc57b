/** Subnets of networks and addresses of containers: given what is there, what is decided. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSubnet, overlaps, parseSubnet } from './network.address.ts';
import type { AddressPool, AskedPool } from './network.commands.ts';
import type { Attachment, NetworkConfig } from './network.config.ts';
import { networkFor, taken, viewOf } from './network.fixture.ts';
import { placeIn, placeStatus } from './network.places.ts';
import { choosePools, type PoolWish } from './network.pools.ts';
import { EPHEMERAL, givePorts } from './network.ports.ts';

const POOLS: readonly AddressPool[] = [
  { base: '10.10.0.0/22', size: 24 },
  { base: '10.20.0.0/24', size: 26 },
];
const asked = (subnet: string, more: Partial<AskedPool> = {}): AskedPool => ({
  subnet,
  ipRange: '',
  gateway: '',
  auxiliary: {},
  ...more,
});
const NO_WISH: PoolWish = {
  asked: [],
  available: POOLS,
  taken: [],
  routes: [],
  ipv4: true,
  ipv6: false,
};
const choose = (wish: Partial<PoolWish> = {}) => choosePools({ ...NO_WISH, ...wish });
const subnets = (wish: Partial<PoolWish>): readonly string[] | string => {
  const pools = choose(wish);
  return 'kind' in pools ? pools.kind : pools.map(({ subnet }) => subnet);
};

test('the first part of the pools that is free, in their order', () => {
  assert.deepEqual(subnets({}), ['10.10.0.0/24']);
  assert.deepEqual(subnets({ taken: ['10.10.0.0/24'] }), ['10.10.1.0/24']);
  assert.deepEqual(subnets({ taken: ['10.10.0.0/22'] }), ['10.20.0.0/26']);
});

test('nothing that the host has a route to, though it be a part of it alone', () => {
  assert.deepEqual(subnets({ routes: ['10.10.0.77/32', '10.10.1.0/24'] }), ['10.10.2.0/24']);
  assert.deepEqual(subnets({ routes: ['10.0.0.0/12'] }), ['10.20.0.0/26']);
});

test('when all parts are taken there is none', () => {
  assert.equal(subnets({ taken: ['10.10.0.0/22', '10.20.0.0/24'] }), 'pools-exhausted');
  assert.equal(subnets({ routes: ['10.0.0.0/8'] }), 'pools-exhausted');
});

test('a subnet that was asked for may be one that the host routes, but no network has it', () => {
  const wish = { asked: [asked('10.10.0.0/16')] };
  assert.deepEqual(subnets({ ...wish, routes: ['10.10.0.0/16'] }), ['10.10.0.0/16']);
  assert.equal(subnets({ ...wish, taken: ['10.10.3.0/24'] }), 'pool-overlaps');
  assert.equal(subnets({ asked: [asked('10.10.0.0/99')] }), 'network-invalid');
});

test('a bridge has one subnet of a family', () => {
  const two = [asked('10.9.0.0/24'), asked('10.10.0.0/24')];
  assert.equal(subnets({ asked: two }), 'network-forbidden');
  const both = { asked: [asked('10.9.0.0/24'), asked('fd00:9::/64')], ipv6: true };
  assert.deepEqual(subnets(both), ['10.9.0.0/24', 'fd00:9::/64']);
});

test('a network of IPv6 alone has one subnet, and what was asked of IPv4 is left out', () => {
  const available = [...POOLS, { base: 'fd00:a::/48', size: 64 }];
  const alone = { available, ipv4: false, ipv6: true };
  assert.deepEqual(subnets(alone), ['fd00:a::/64']);
  const both = { asked: [asked('10.9.0.0/24'), asked('fd00:9::/64')] };
  assert.deepEqual(subnets({ ...alone, ...both }), ['fd00:9::/64']);
});

test('a link to such a network has its hardware address by that of IPv6', () => {
  const pool = { subnet: 'fd00:9::/64', ipRange: null, gateway: 'fd00:9::1', auxiliary: {} };
  const pools = [{ ...pool, chosen: true }];
  const six = networkFor('six', 9, { enableIPv4: false, enableIPv6: true, pools });
  const seeker = { id: 'c', run: 1, stream: 'container/c' } as const;
  const macAt = (ipv6: string): string => {
    const made = placeIn(viewOf([six]), six, { network: 'six', ipv6 }, seeker, 'eth0');
    assert.ok(!('failure' in made));
    assert.deepEqual([made.ipv4, made.ipv6], [null, ipv6]);
    return made.mac;
  };
  const places = ['fd00:9::7', 'fd00:9::1:0:7', 'fd00:9::1:0:0:7'];
  const macs = places.map(macAt);
  for (const mac of macs) assert.match(mac, /^02:42(:[0-9a-f]{2}){4}$/);
  assert.deepEqual(places.map(macAt), macs);
  assert.equal(new Set(macs).size, places.length);
});

test('the gateway is the first address that nobody reserved, or the one that was asked for', () => {
  const gateway = (more: Partial<AskedPool>): string | undefined => {
    const pools = choose({ asked: [asked('10.9.0.0/24', more)] });
    return 'kind' in pools ? pools.kind : pools[0]?.gateway;
  };
  assert.equal(gateway({}), '10.9.0.1');
  assert.equal(gateway({ auxiliary: { router: '10.9.0.1' } }), '10.9.0.2');
  assert.equal(gateway({ gateway: '10.9.0.254' }), '10.9.0.254');
  assert.equal(gateway({ ipRange: '10.9.0.128/25' }), '10.9.0.128');
  assert.equal(gateway({ gateway: '10.8.0.1' }), 'network-invalid');
  const shared = { gateway: '10.9.0.9', auxiliary: { router: '10.9.0.9' } };
  assert.equal(gateway(shared), 'network-failed');
  assert.equal(gateway({ ipRange: '10.8.0.0/28' }), 'network-invalid');
});

test('networks never overlap with each other or with what the host routes', () => {
  const part = fc.tuple(fc.nat(255), fc.integer({ min: 22, max: 28 })).map(([at, prefix]) => {
    const parsed = parseSubnet(`10.10.${at % 4}.${at}/${prefix}`);
    return parsed === undefined ? '' : formatSubnet(parsed);
  });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), fc.nat(12), (routes, count) => {
      const chosen: string[] = [];
      for (let made = 0; made < count; made += 1) {
        const pools = choose({ taken: chosen, routes });
        if ('kind' in pools) break;
        chosen.push(...pools.map(({ subnet }) => subnet));
      }
      const all = [...chosen, ...routes].flatMap((text) => parseSubnet(text) ?? []);
      for (const [at, one] of all.slice(0, chosen.length).entries()) {
        const others = all.filter((_, index) => index !== at);
        assert.ok(!others.some((other) => overlaps(one, other)), formatSubnet(one));
      }
    }),
  );
});

test('a port of no choice is none that others listen on', () => {
  const all = Array.from(
    { length: EPHEMERAL.to - EPHEMERAL.from + 1 },
    (_, at) => EPHEMERAL.from + at,
  );
  const wish = { protocol: 'tcp', containerPort: 80, hostIp: '', from: 0, to: 0 } as const;
  const give = (busy: readonly number[], seed: number) => {
    const how = { own: 'container/c', addresses: ['0.0.0.0'], seed, busy } as const;
    const given = givePorts(viewOf([]), [wish], how);
    return 'failure' in given ? given.failure : given.ports.map(({ hostPort }) => hostPort);
  };
  for (const seed of [0, 1, 77_777]) {
    assert.deepEqual(
      give(
        all.filter((port) => port !== 40_000),
        seed,
      ),
      [40_000],
    );
  }
  assert.match(String(give(all, 5)), /all ports are allocated/);
});

const seeker = { id: 'c', run: 1, stream: 'container/c' } as const;
function place(network: NetworkConfig, wish: Partial<Attachment>, addresses: string[] = []) {
  const view = viewOf([network], taken(network, ...addresses));
  const found = placeIn(view, network, { network: network.id, ...wish }, seeker, 'eth0');
  return 'failure' in found ? found.failure : found.ipv4;
}

test('a container gets the lowest address that is free, never the gateway or one reserved', () => {
  const network = networkFor('front', 5);
  assert.equal(place(network, {}), '10.5.0.2');
  assert.equal(place(network, {}, ['10.5.0.2', '10.5.0.3']), '10.5.0.4');
  const [pool] = network.pools;
  const reserved = { ...network, pools: [{ ...pool, auxiliary: { dns: '10.5.0.2' } }] };
  assert.equal(place(reserved as NetworkConfig, {}), '10.5.0.3');
});

test('when none is left it is told with the network, in words that docker has', () => {
  const network = networkFor('small', 6);
  const full = {
    ...network,
    pools: network.pools.map((pool) => ({ ...pool, ipRange: '10.6.0.0/31' })),
  };
  assert.match(
    String(place(full, {})),
    /^no available IPv4 addresses on this network's address pools: small/,
  );
});

test('an address of choice: only in a subnet of the network, and only if it is free', () => {
  const front = networkFor('front', 7);
  assert.equal(place(front, { ipv4: '10.7.0.9' }), '10.7.0.9');
  assert.equal(place(front, { ipv4: '10.7.0.9' }, ['10.7.0.9']), 'Address already in use');
  for (const ipv4 of ['10.7.0.1', '10.7.0.0', '10.7.0.255']) {
    assert.equal(place(front, { ipv4 }), 'Address already in use', ipv4);
  }
  assert.match(String(place(front, { ipv4: '10.8.0.9' })), /no configured subnet/);
  assert.match(String(place(front, { ipv6: 'fd00::9' })), /no configured subnet/);
});

test('link-local addresses are such, of any network', () => {
  for (const name of ['front', 'bridge', 'host']) {
    const network = { ...networkFor(name, 9), driver: name === 'host' ? 'host' : 'bridge' };
    const at = (...linkLocal: string[]) => place(network, { linkLocal });
    assert.equal(
      at('169.254.7.7', 'fe80::7', 'febf::1'),
      network.driver === 'host' ? null : '10.9.0.2',
    );
    for (const one of ['192.0.2.7', '169.253.0.1', '::1', 'fec0::1']) {
      assert.equal(at('169.254.7.7', one), `invalid link local IP address: ${one}`);
    }
  }
  assert.equal(placeStatus('invalid link local IP address: 192.0.2.7'), 400);
});

test('a network that is there from the start has no addresses of choice, and no aliases', () => {
  const bridge = networkFor('bridge', 8);
  assert.match(String(place(bridge, { ipv4: '10.8.0.9' })), /user-defined networks only/);
  assert.match(String(place(bridge, { aliases: ['x'] })), /user-defined networks/);
});

test('addresses are never given twice, in whatever order they come and go', () => {
  const network = networkFor('busy', 9);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(30)), { maxLength: 60 }), (acts) => {
      const held: string[] = [];
      for (const [comes, which] of acts) {
        if (!comes) held.splice(which % Math.max(1, held.length), 1);
        else {
          const address = place(network, {}, held);
          assert.ok(typeof address === 'string' && !held.includes(address), String(address));
          held.push(address);
        }
      }
    }),
  );
});
