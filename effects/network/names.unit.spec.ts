import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as dns from 'dns-packet';
import { answerTo, failed, reversed } from './dnsAnswer.ts';
import { contains, NameTable } from './nameTable.ts';
import type { EndpointPlan, NetworkPlan, SandboxPlan } from './ports.ts';

const network = (name: string, at: number, more: Partial<NetworkPlan> = {}): NetworkPlan => ({
  id: name.repeat(4),
  name,
  bridge: `br-${name}`,
  subnets: [
    {
      family: 4,
      subnet: `10.7.${at}.0/24`,
      first: `10.7.${at}.0`,
      last: `10.7.${at}.255`,
      gateway: `10.7.${at}.1`,
      prefixLength: 24,
    },
    {
      family: 6,
      subnet: `fd00:${at}::/64`,
      first: `fd00:${at}::`,
      last: `fd00:${at}::ffff:ffff:ffff:ffff`,
      gateway: `fd00:${at}::1`,
      prefixLength: 64,
    },
  ],
  internal: false,
  icc: true,
  masquerade: true,
  hostBinding: '0.0.0.0',
  mtu: null,
  isDefault: false,
  ...more,
});
const front = network('front', 1);
const back = network('back', 2, { internal: true });

function endpoint(
  of: NetworkPlan,
  last: number,
  dnsNames: readonly string[],
  more: Partial<EndpointPlan> = {},
): EndpointPlan {
  const at = of.subnets[0]?.subnet.split('.')[2] ?? '';
  return {
    id: `${of.name}-${last}`,
    network: of,
    container: '',
    run: 1,
    hostLink: '',
    containerLink: 'eth0',
    mac: '',
    ipv4: { address: `10.7.${at}.${last}`, prefixLength: 24, gateway: null },
    ipv6: null,
    linkLocal: [],
    ports: [],
    isGateway: false,
    dnsNames,
    links: [],
    ...more,
  };
}

const sandbox = (container: string, ...endpoints: readonly EndpointPlan[]): SandboxPlan => ({
  container,
  name: container,
  run: 1,
  id: container,
  namespace: container,
  namespacePath: `/run/netns/${container}`,
  endpoints,
  dnsServers: [],
  resolves: true,
  linked: [],
});

function table(): NameTable {
  const names = new NameTable();
  const six = { address: 'fd00:1::2', prefixLength: 64, gateway: null };
  names.set(sandbox('web', endpoint(front, 2, ['web', 'app'], { ipv6: six })));
  names.set(
    sandbox('both', endpoint(back, 3, ['both']), endpoint(front, 3, ['both'], { isGateway: true })),
  );
  const links = [{ alias: 'db', container: 'hidden' }];
  names.set(sandbox('inner', endpoint(back, 4, ['inner'], { links })));
  names.set(sandbox('hidden', endpoint(back, 5, ['other-name'])));
  return names;
}

const addresses = (names: NameTable, container: string, name: string) =>
  names.lookup(container, name)?.ipv4;

test('a name is known to those on its network, and to nobody else', () => {
  const names = table();
  assert.deepEqual(addresses(names, 'both', 'web'), ['10.7.1.2']);
  assert.deepEqual(addresses(names, 'both', 'app'), ['10.7.1.2']);
  assert.deepEqual(addresses(names, 'both', 'inner'), ['10.7.2.4']);
  assert.equal(addresses(names, 'inner', 'web'), undefined);
  assert.equal(addresses(names, 'nobody', 'web'), undefined);
});

test('upper case, a dot at the end and the name of the network make no difference', () => {
  const names = table();
  for (const name of ['WEB', 'web.', 'web.front', 'Web.Front.']) {
    assert.deepEqual(addresses(names, 'both', name), ['10.7.1.2'], name);
  }
  assert.equal(addresses(names, 'both', 'web.back'), undefined);
});

test('the network of the default route is asked first', () => {
  assert.deepEqual(addresses(table(), 'both', 'both'), ['10.7.1.3']);
});

test('a link is a name for one container alone', () => {
  const names = table();
  assert.deepEqual(addresses(names, 'inner', 'db'), ['10.7.2.5']);
  assert.equal(addresses(names, 'both', 'db'), undefined);
  names.remove('hidden');
  assert.equal(addresses(names, 'inner', 'db'), undefined);
});

test('who shares a name takes turns at the head', () => {
  const names = new NameTable();
  for (const last of [2, 3, 4]) {
    names.set(sandbox(`c${last}`, endpoint(front, last, [`c${last}`, 'web'])));
  }
  const first = [1, 2, 3].map(() => addresses(names, 'c2', 'web')?.[0]);
  assert.deepEqual(first.toSorted(), ['10.7.1.2', '10.7.1.3', '10.7.1.4']);
  assert.equal(addresses(names, 'c2', 'web')?.length, 3);
});

test('what is set again replaces what was known, and removal leaves nothing', () => {
  const names = table();
  names.set(sandbox('web', endpoint(front, 9, ['site'])));
  assert.equal(addresses(names, 'both', 'web'), undefined);
  assert.deepEqual(addresses(names, 'both', 'site'), ['10.7.1.9']);
  names.remove('web');
  assert.equal(addresses(names, 'both', 'site'), undefined);
});

test('an address has the name of who has it now', () => {
  const names = table();
  assert.equal(names.reverse('both', '10.7.1.2'), 'web.front');
  assert.equal(names.reverse('both', 'fd00:1::2'), 'web.front');
  assert.equal(names.reverse('both', '10.7.1.77'), null);
  assert.equal(names.reverse('inner', '10.7.1.2'), undefined);
  assert.equal(names.reverse('both', '8.8.8.8'), undefined);
});

test('an address is in a subnet or is not', () => {
  assert.ok(contains('10.7.0.0/16', '10.7.255.1'));
  assert.ok(!contains('10.7.0.0/17', '10.7.255.1'));
  assert.ok(contains('fd00:1::/64', 'fd00:1::ab:2'));
  assert.ok(!contains('fd00:1::/64', 'fd00:1:0:1::2'));
  assert.ok(!contains('fd00:1::/64', '10.7.1.2'));
});

test('names of reverse lookups are addresses backwards', () => {
  assert.equal(reversed('2.1.7.10.in-addr.arpa'), '10.7.1.2');
  const zeros = '0.'.repeat(19);
  assert.equal(reversed(`2.0.0.0.${zeros}0.1.0.0.0.0.0.d.f.ip6.arpa.`), 'fd00:1::2');
  assert.equal(reversed('web'), undefined);
});

function ask(container: string, name: string, type: string, more: Partial<dns.Packet> = {}) {
  const questions = [{ type: type as dns.RecordType, name }];
  const query = dns.encode({
    type: 'query',
    id: 7,
    flags: dns.RECURSION_DESIRED,
    questions,
    ...more,
  });
  const verdict = answerTo(query, container, table(), 'udp');
  if (verdict.kind !== 'answer') return verdict.kind;
  const answer = dns.decode(verdict.bytes);
  assert.equal(answer.id, 7);
  assert.deepEqual(answer.questions?.[0]?.name, name);
  const data = (answer.answers ?? []).map((one) => ('data' in one ? one.data : ''));
  return `${'rcode' in answer ? answer.rcode : ''} ${data.join(' ')}`.trim();
}

test('a known name has an address, no address of the other kind, and nothing else', () => {
  assert.equal(ask('both', 'web', 'A'), 'NOERROR 10.7.1.2');
  assert.equal(ask('both', 'web', 'AAAA'), 'NOERROR fd00:1::2');
  assert.equal(ask('both', 'inner', 'AAAA'), 'NOERROR');
  assert.equal(ask('both', 'web', 'MX'), 'NOERROR');
});

test('an address of the network’s that nobody has is no domain, others are asked outside', () => {
  assert.equal(ask('both', '2.1.7.10.in-addr.arpa', 'PTR'), 'NOERROR web.front');
  assert.equal(ask('both', '99.1.7.10.in-addr.arpa', 'PTR'), 'NXDOMAIN');
  assert.equal(ask('both', '8.8.8.8.in-addr.arpa', 'PTR'), 'forward');
});

test('an unknown name is for the servers outside, if there is a way there', () => {
  assert.equal(ask('both', 'example.com', 'A'), 'forward');
  assert.equal(ask('inner', 'example.com', 'A'), 'SERVFAIL');
});

test('what is no query is not answered, what is none of ours is refused', () => {
  const names = table();
  assert.equal(answerTo(Buffer.from('x'), 'both', names, 'udp').kind, 'silence');
  assert.equal(ask('both', 'web', 'A', { type: 'response' }), 'silence');
  assert.equal(ask('both', 'web', 'A', { flags: 2 << 11 }), 'NOTIMP');
  assert.equal(failed(Buffer.from('x')), undefined);
});

test('an answer that is too long for a datagram says so, over TCP it is whole', () => {
  const names = new NameTable();
  for (let at = 0; at < 200; at += 1) {
    names.set(sandbox(`c${at}`, endpoint(front, at, [`c${at}`, 'web'])));
  }
  const query = dns.encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'web' }] });
  const answers = (['udp', 'tcp'] as const).map((transport) => {
    const verdict = answerTo(query, 'c1', names, transport);
    assert.ok(verdict.kind === 'answer');
    return { bytes: verdict.bytes.length, packet: dns.decode(verdict.bytes) };
  });
  const [udp, tcp] = answers;
  assert.ok(udp !== undefined && udp.bytes <= 512 && udp.packet.flag_tc);
  assert.ok((udp.packet.answers?.length ?? 0) > 10);
  assert.equal(tcp?.packet.answers?.length, 200);
  assert.equal(tcp?.packet.flag_tc, false);
});
