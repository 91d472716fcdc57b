import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicMs } from '../system/clock.ts';
import { readForward } from './forwardPolicy.ts';
import { parseListing } from './listing.ts';
import { answerBefore } from './nft.ts';
import type { EndpointPlan, NetworkPlan, PortPlan } from './ports.ts';
import {
  addElement,
  declare,
  deleteElement,
  elementName,
  networkElements,
  portElements,
} from './ruleset.ts';
import { difference } from './ruleTable.ts';
import { concerns } from './ruleWatch.ts';

const network: NetworkPlan = {
  id: 'a'.repeat(64),
  name: 'front',
  bridge: 'slab12b1',
  subnets: [
    {
      family: 4,
      subnet: '10.7.0.0/24',
      first: '10.7.0.0',
      last: '10.7.0.255',
      gateway: '10.7.0.1',
      prefixLength: 24,
    },
    {
      family: 6,
      subnet: 'fd00:7::/64',
      first: 'fd00:7::',
      last: 'fd00:7::ffff:ffff:ffff:ffff',
      gateway: 'fd00:7::1',
      prefixLength: 64,
    },
  ],
  internal: false,
  icc: true,
  masquerade: true,
  hostBinding: '0.0.0.0',
  mtu: null,
  isDefault: false,
};
const names = (plan: NetworkPlan): readonly string[] => networkElements(plan).map(elementName);

test('a network is a handful of elements', () => {
  assert.deepEqual(names(network), [
    'bridges slab12b1',
    'intra slab12b1 . slab12b1',
    'subnets4 10.7.0.0 . 10.7.0.255 . slab12b1',
    'subnets6 fd00:7:: . fd00:7::ffff:ffff:ffff:ffff . slab12b1',
    'masquerade4 10.7.0.0/24',
    'masquerade6 fd00:7::/64',
  ]);
});

test('without ICC its containers are not let through to each other', () => {
  assert.ok(!names({ ...network, icc: false }).includes('intra slab12b1 . slab12b1'));
});

test('an internal network is marked as such, and nothing of it is hidden', () => {
  const internal = names({ ...network, internal: true });
  assert.ok(internal.includes('internal slab12b1'));
  assert.ok(!internal.some((name) => name.startsWith('masquerade')));
});

const endpoint = (ports: readonly PortPlan[], more: Partial<EndpointPlan> = {}): EndpointPlan => ({
  id: 'e',
  network,
  container: 'c',
  run: 1,
  hostLink: 'slab12v1',
  containerLink: 'eth0',
  mac: '02:42:0a:07:00:02',
  ipv4: { address: '10.7.0.2', prefixLength: 24, gateway: '10.7.0.1' },
  ipv6: { address: 'fd00:7::2', prefixLength: 64, gateway: 'fd00:7::1' },
  linkLocal: [],
  ports,
  isGateway: true,
  dnsNames: [],
  links: [],
  ...more,
});
const port = (protocol: PortPlan['protocol'], hostIp: string): PortPlan => ({
  protocol,
  hostIp,
  hostPort: 8080,
  containerPort: 80,
});

test('a port is one element, by where it is published', () => {
  const ports = [
    port('tcp', '0.0.0.0'),
    port('udp', '127.0.0.1'),
    port('sctp', '::'),
    port('tcp', '2001:db8::1'),
  ];
  assert.deepEqual(portElements(endpoint(ports)).map(elementName), [
    'any4 tcp . 8080 : 10.7.0.2 . 80',
    'one4 udp . 127.0.0.1 . 8080 : 10.7.0.2 . 80',
    'any6 sctp . 8080 : fd00:7::2 . 80',
    'one6 tcp . 2001:db8::1 . 8080 : fd00:7::2 . 80',
  ]);
});

test('no rule where the holder of the port has to forward, or nothing may come in', () => {
  assert.deepEqual(portElements(endpoint([port('tcp', '::1')])), []);
  assert.deepEqual(portElements(endpoint([port('tcp', '::')], { ipv6: null })), []);
  const internal = { network: { ...network, internal: true } };
  assert.deepEqual(portElements(endpoint([port('tcp', '0.0.0.0')], internal)), []);
});

test('of what is no address or no port, and only an older log holds, there is no rule', () => {
  const strange = ['localhost', 'fe80::1%eth0', '010.0.0.1', '1.2.3.4 . 80 }; flush ruleset; #'];
  const ports = strange.map((hostIp) => port('tcp', hostIp));
  const high = { ...port('tcp', '0.0.0.0'), hostPort: 70_000 };
  assert.deepEqual(portElements(endpoint([...ports, high])), []);
});

test('elements as text for nft: names of interfaces in quotes', () => {
  const [bridge, , subnet] = networkElements(network);
  assert.ok(bridge && subnet);
  assert.equal(addElement('t', bridge), 'add element inet t bridges { "slab12b1" }');
  assert.equal(
    addElement('t', subnet),
    'add element inet t subnets4 { 10.7.0.0 . 10.7.0.255 . "slab12b1" }',
  );
  const [published] = portElements(endpoint([port('tcp', '0.0.0.0')]));
  assert.ok(published);
  const text = 'add element inet t any4 { tcp . 8080 : 10.7.0.2 . 80 }';
  assert.equal(addElement('t', published), text);
  assert.equal(deleteElement('t', published), 'delete element inet t any4 { tcp . 8080 }');
});

test('what leaves for a bridge is looked at in this order', () => {
  const between = declare('t').filter((line) => line.startsWith('add rule inet t between '));
  assert.deepEqual(
    between.map((line) => line.replace('add rule inet t between ', '')),
    [
      'iifname . oifname @intra accept',
      'iifname @internal drop',
      'oifname @internal drop',
      'oifname @bridges ct state established,related accept',
      'oifname @bridges ct status dnat accept',
      'oifname @bridges drop',
    ],
  );
});

test('a listing is read back as the elements that were added', () => {
  const listing = parseListing(
    JSON.stringify({
      nftables: [
        { metainfo: {} },
        { set: { name: 'masquerade4', elem: [prefix('10.7.0.0', 24)] } },
        { set: { name: 'intra', elem: [{ concat: ['slab12b1', 'slab12b1'] }] } },
        {
          map: { name: 'any4', elem: [[{ concat: ['tcp', 8080] }, { concat: ['10.7.0.2', 80] }]] },
        },
        { set: { name: 'internal' } },
        { chain: { name: 'guard' } },
        { rule: { chain: 'guard', handle: 7, expr: [{ drop: null }] } },
      ],
    }),
  );
  assert.deepEqual(listing.elements.map(elementName), [
    'masquerade4 10.7.0.0/24',
    'intra slab12b1 . slab12b1',
    'any4 tcp . 8080 : 10.7.0.2 . 80',
  ]);
  assert.deepEqual([...listing.sets], ['masquerade4', 'intra', 'any4', 'internal']);
  assert.deepEqual([...listing.chains], [['guard', ['[{"drop":null}]']]]);
});
const prefix = (addr: string, len: number) => ({ prefix: { addr, len } });

test('an element with another value is one too many and one too few', () => {
  const [was] = portElements(endpoint([port('tcp', '0.0.0.0')]));
  assert.ok(was);
  const now = { ...was, value: '10.7.0.9 . 80' };
  assert.deepEqual(difference([was], [now]), { missing: [now], needless: [was] });
  assert.deepEqual(difference([was], [was]), { missing: [], needless: [] });
});

test('an answer of nft is what stands before the refusal of the word', () => {
  const refused = (word: string) => `Error: syntax error, unexpected newline\n${word}\n   ^\n`;
  assert.deepEqual(answerBefore(`${refused('w1')}rest`, 'w1'), { text: '', rest: 'rest' });
  const said = `Error: No such file or directory\nadd x\n   ^\n${refused('w2')}`;
  const answer = answerBefore(said, 'w2');
  assert.equal(answer?.text, 'Error: No such file or directory\nadd x\n   ^');
  assert.equal(answer?.rest, '');
  assert.equal(answerBefore('Error: syntax error\nw3\n', 'w3'), undefined);
});

test('an answer that repeats a long line again and again is read at once', () => {
  const line = 'add rule inet t c accept; '.repeat(2_000);
  const said = `Error: datatype mismatch\n${line}\n`.repeat(4);
  const since = monotonicMs();
  const answer = answerBefore(`${said}Error: syntax error\nw1\n ^\n`, 'w1');
  assert.equal(answer?.text, said.trim());
  assert.ok(monotonicMs() - since < 3_000);
});

/** Of a rule for hairpins: which bits of an address it looks at, and which it sets. */
const HAIRPIN = /^add rule inet t hairpin([46]) ip6? saddr & (\S+) \. ip6? saddr \| (\S+) \. oif/;

test('of each length a subnet can have, one rule tells its first and last address', () => {
  const number = (address: string, family: string): bigint =>
    address
      .split(family === '4' ? '.' : ':')
      .map((word) => BigInt(family === '4' ? word : `0x${word}`))
      .reduce((sum, word) => (sum << (family === '4' ? 8n : 16n)) | word, 0n);
  const blocks = declare('t').flatMap((line) => {
    const [, family = '', kept = '', set = ''] = HAIRPIN.exec(line) ?? [];
    return family === '' ? [] : [{ family, kept: number(kept, family), set: number(set, family) }];
  });
  for (const family of ['4', '6']) {
    const bits = family === '4' ? 32 : 128;
    const all = 2n ** BigInt(bits) - 1n;
    const ours = blocks.filter((block) => block.family === family);
    assert.deepEqual(
      ours.map(({ set }) => set),
      Array.from({ length: bits }, (_, prefix) => 2n ** BigInt(bits - prefix) - 1n),
    );
    assert.ok(ours.every(({ kept, set }) => kept === all - set));
  }
});

test('rules of iptables are ours by their comment', () => {
  const output = [
    '-P FORWARD DROP',
    '-A FORWARD -i slab12+ -m comment --comment shiplog-slab12 -j ACCEPT',
    '-A FORWARD -o slab13+ -m comment --comment shiplog-slab13 -j ACCEPT',
    '-A FORWARD -o docker0 -j DOCKER',
  ].join('\n');
  assert.deepEqual(readForward(output, 'shiplog-slab12'), { drops: true, ours: ['-i slab12+'] });
  assert.equal(readForward('-P FORWARD ACCEPT', 'shiplog-slab12').drops, false);
});

test('changes of our table and of what is forwarded are news, others are not', () => {
  assert.ok(concerns('delete table inet slab12', 'slab12'));
  assert.ok(concerns('add chain ip filter FORWARD { type filter hook forward; }', 'slab12'));
  assert.ok(!concerns('add element inet slab13 any4 { tcp . 80 : 10.0.0.2 . 80 }', 'slab12'));
  assert.ok(!concerns('add rule ip nat DOCKER counter', 'slab12'));
});
