import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { makeFirewall } from './firewall.ts';
import type { EndpointPlan, Firewall, NetworkPlan, PortPlan } from './ports.ts';
import { enterPrivateHost, HOST_ADDRESS, type PrivateHost, sh } from './privateHost.fixture.ts';

let host: PrivateHost;
let firewall: Firewall;
const told: string[] = [];
let one: NetworkPlan;
let two: NetworkPlan;
let shut: NetworkPlan;
let closed: NetworkPlan;
let web: EndpointPlan;

const port = (hostIp: string, hostPort: number, protocol: 'tcp' | 'udp' = 'tcp'): PortPlan => ({
  protocol,
  hostIp,
  hostPort,
  containerPort: 80,
});
const picture = () => ({
  networks: [one, two, shut, closed],
  sandboxes: [host.sandbox('web', [web])],
});
const deps = (more: Partial<Record<'firewall' | 'firewall6' | 'forwarding', boolean>> = {}) => ({
  prefix: host.prefix,
  directory: host.dir,
  firewall: true,
  firewall6: true,
  forwarding: true,
  proxy: true,
  log: {
    info: (fields: object, message: string) => void told.push(say(message, fields)),
    warn: (fields: object, message: string) => void told.push(say(message, fields)),
  },
  ...more,
});
const say = (message: string, fields: object): string => `${message} ${JSON.stringify(fields)}`;

async function eventually(what: string, condition: () => Promise<boolean> | boolean) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await condition()) return;
    await pause(50);
  }
  assert.fail(`never: ${what}\n${told.join('\n')}`);
}

before(async () => {
  host = await enterPrivateHost();
  firewall = makeFirewall(deps());
  one = await host.network('one', 1);
  two = await host.network('two', 2);
  shut = await host.network('shut', 3, { internal: true });
  closed = await host.network('closed', 4, { icc: false });
  for (const network of [one, two, shut, closed]) await firewall.applyNetwork(network);
  const ports = [
    port('0.0.0.0', 8080),
    port('127.0.0.1', 8081),
    port('::', 8080),
    port('::1', 8082),
  ];
  web = await host.container('web', one, 2, ports);
  await host.container('peer', one, 3);
  await host.container('other', two, 2);
  await host.container('in1', shut, 2);
  await host.container('in2', shut, 3);
  await host.container('lone1', closed, 2);
  await host.container('lone2', closed, 3);
  await firewall.publish(web);
});
after(async () => {
  await firewall.close();
  await host.leave();
});
beforeEach(() => void told.splice(0));

const REACHED: readonly (readonly [from: string | null, address: string, port: number])[] = [
  [null, '127.0.0.1', 8080],
  [null, HOST_ADDRESS, 8080],
  [null, '10.77.1.1', 8080],
  [null, '127.0.0.1', 8081],
  [null, '::1', 8080],
  [null, '::1', 8082],
  [null, '2001:db8::1', 8080],
  [null, '10.77.1.2', 80],
  ['outside', HOST_ADDRESS, 8080],
  ['outside', '2001:db8::1', 8080],
  ['peer', '10.77.1.2', 80],
  ['peer', 'fd00:77:1::2', 80],
  ['peer', HOST_ADDRESS, 8080],
  ['web', HOST_ADDRESS, 8080],
  ['web', '10.77.1.1', 8080],
  ['other', HOST_ADDRESS, 8080],
  ['peer', '2001:db8::1', 8080],
  ['web', '2001:db8::1', 8080],
  ['other', '2001:db8::1', 8080],
  ['lone1', HOST_ADDRESS, 8080],
];
test('a published port is reached from everywhere it should be', async () => {
  for (const [from, address, port] of REACHED) {
    const what = `from ${from ?? 'the host'}: ${address} ${port}`;
    assert.equal(await host.fetch(from, address, port), 'web', what);
  }
});

test('networks are apart, and the outside reaches what is published alone', async () => {
  const refused: readonly (readonly [from: string, address: string, port: number])[] = [
    ['outside', '10.77.1.2', 80],
    ['outside', HOST_ADDRESS, 8081],
    ['outside', HOST_ADDRESS, 8082],
    ['other', '10.77.1.2', 80],
    ['other', 'fd00:77:1::2', 80],
    ['in1', '10.77.1.2', 80],
    ['in1', '192.0.2.2', 80],
    ['web', '10.77.3.2', 80],
    ['lone1', '10.77.4.3', 80],
  ];
  const answers = await Promise.all(refused.map((one) => host.fetch(...one)));
  for (const [at, answer] of answers.entries()) {
    assert.match(answer, /none: \d/, refused[at]?.join(' '));
  }
  assert.equal(await host.fetch('in1', '10.77.3.3', 80), 'in2');
  assert.equal(await host.fetch('web', '192.0.2.2', 80), 'outside');
  assert.equal(await host.fetch('web', '2001:db8::2', 80), 'outside');
  assert.equal(await host.fetch('lone1', '192.0.2.2', 80), 'outside');
});

test('a published port is held, and one that is not free is refused', async () => {
  await assert.rejects(sh('timeout 5 busybox httpd -f -p 0.0.0.0:8080'), /in use/);
  const server = createServer().listen(8090, '0.0.0.0');
  await assert.rejects(
    firewall.publish({ ...web, id: 'x', ports: [port('0.0.0.0', 8091), port('0.0.0.0', 8090)] }),
    {
      kind: 'failed',
      message: 'failed to bind host port 0.0.0.0:8090/tcp: address already in use',
    },
  );
  server.close();
  // Neither is held.
  await firewall.publish({ ...web, id: 'x', ports: [port('0.0.0.0', 8091)] });
  await firewall.unpublish({ ...web, id: 'x', ports: [port('0.0.0.0', 8091)] });
  assert.match(await host.fetch('outside', HOST_ADDRESS, 8091), /refused/);
});

test('a port that no rule can be made of is unpublished, and hinders no other', async () => {
  const old = { ...web, id: 'old', ports: [port('nowhere.invalid', 8093)] };
  await assert.rejects(firewall.publish(old), { kind: 'failed' });
  await firewall.unpublish(old);
  const { networks, sandboxes } = picture();
  const [first] = sandboxes;
  assert.ok(first);
  const endpoints = [...first.endpoints, old];
  const said = await firewall.sync({ networks, sandboxes: [{ ...first, endpoints }] });
  assert.match(said.join(), /failed to bind host port nowhere\.invalid:8093/);
  await firewall.unpublish(old);
});

test('everything twice is as once, and another synchronisation finds nothing', async () => {
  await firewall.applyNetwork(one);
  await firewall.publish(web);
  assert.deepEqual(await firewall.sync(picture()), []);
  assert.deepEqual(await firewall.sync(picture()), []);
});

test('what somebody flushed is noticed, told, and made again', async () => {
  await sh('nft flush ruleset');
  await eventually('repaired', () => told.some((line) => line.includes('was not there')));
  assert.equal(await host.fetch('outside', HOST_ADDRESS, 8080), 'web');
  told.splice(0);
  await sh(`nft 'flush chain inet ${host.prefix} between
    delete element inet ${host.prefix} any4 { tcp . 8080 }
    add element inet ${host.prefix} internal { "${one.bridge}" }'`);
  await eventually('repaired', () => told.some((line) => line.includes('rules were repaired')));
  assert.equal(await host.fetch('outside', HOST_ADDRESS, 8080), 'web');
  assert.deepEqual(await firewall.sync(picture()), []);
});

test('a killed nft costs nothing', async () => {
  const children = await sh(`cat /proc/${process.pid}/task/*/children`);
  for (const pid of children.split(' ').map(Number)) {
    const comm = await sh(`cat /proc/${pid}/comm 2>/dev/null || true`);
    if (comm === 'nft' || comm === 'sh') process.kill(pid, 'SIGKILL');
  }
  const extra = { ...web, id: 'y', ports: [port('0.0.0.0', 8092)] };
  await firewall.publish(extra);
  assert.equal(await host.fetch('outside', HOST_ADDRESS, 8092), 'web');
  await firewall.unpublish(extra);
  assert.ok(told.some((line) => line.includes('died')));
});

test('where others drop what is forwarded, our bridges are let through and no others', async () => {
  await sh('iptables -P FORWARD DROP');
  await eventually('let through', () => told.some((line) => line.includes('let through')));
  assert.equal(await host.fetch('outside', HOST_ADDRESS, 8080), 'web');
  assert.equal(await host.fetch('peer', '10.77.1.2', 80), 'web');
  assert.match(await host.fetch('other', '10.77.1.2', 80), /none: 124/);
  told.splice(0);
  await sh('iptables -P FORWARD ACCEPT');
  await eventually('taken back', () => told.some((line) => line.includes('need not')));
  assert.equal(await sh('iptables -S FORWARD'), '-P FORWARD ACCEPT');
});

test('a port of UDP leads to the next container at once', async () => {
  const serve = `import("node:dgram").then(({ createSocket }) => {
    const server = createSocket("udp4").bind(80);
    server.on("message", (_, from) => server.send(process.argv[1], from.port, from.address));
  })`;
  const echo = (name: string) =>
    host.inside(name, `${process.execPath} -e '${serve}' ${name} >/dev/null 2>&1 & echo $!`);
  const pids = [await echo('web'), await echo('peer')].map(Number);
  const client = createSocket('udp4');
  await new Promise<void>((resolve) => client.bind(0, HOST_ADDRESS, resolve));
  const ask = async (): Promise<string> => {
    let heard = '';
    client.once('message', (bytes) => {
      heard = bytes.toString();
    });
    await eventually('an answer', async () => {
      client.send('x', 9053, HOST_ADDRESS);
      return heard !== '';
    });
    return heard;
  };
  const udp = { ...web, id: 'u1', ports: [port('0.0.0.0', 9053, 'udp')] };
  const next: EndpointPlan = {
    ...udp,
    id: 'u2',
    ipv4: { address: '10.77.1.3', prefixLength: 24, gateway: '10.77.1.1' },
  };
  try {
    await firewall.publish(udp);
    assert.equal(await ask(), 'web');
    await firewall.unpublish(udp);
    await firewall.publish(next);
    assert.equal(await ask(), 'peer');
    await firewall.unpublish(next);
  } finally {
    client.close();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  }
});

test('the next daemon finds all of it, and takes away what nobody wants any more', async () => {
  await firewall.close();
  assert.equal(await host.fetch('outside', HOST_ADDRESS, 8080), 'web');
  firewall = makeFirewall(deps());
  assert.deepEqual(await firewall.sync(picture()), []);
  assert.equal(await host.fetch(null, '::1', 8082), 'web');
  const less = await firewall.sync({ networks: [one, two, shut, closed], sandboxes: [] });
  assert.equal(less.length, 3);
  assert.match(await host.fetch('outside', HOST_ADDRESS, 8080), /refused/);
});

test('without a firewall of ours the holders forward, and no rule is made', async () => {
  await firewall.sync({ networks: [], sandboxes: [] });
  assert.doesNotMatch(await sh('nft list tables'), new RegExp(host.prefix));
  await firewall.close();
  firewall = makeFirewall(deps({ firewall: false }));
  await firewall.applyNetwork(one);
  await firewall.publish(web);
  assert.equal(await host.fetch('outside', HOST_ADDRESS, 8080), 'web');
  assert.equal(await host.fetch(null, '127.0.0.1', 8081), 'web');
  assert.doesNotMatch(await sh('nft list tables'), new RegExp(host.prefix));
  await firewall.unpublish(web);
  assert.match(await host.fetch('outside', HOST_ADDRESS, 8080), /refused/);
});

test("without forwarding the host's switches stay as they are", async () => {
  await firewall.close();
  await sh('sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0');
  firewall = makeFirewall(deps({ forwarding: false }));
  await firewall.applyNetwork(one);
  const read = 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding';
  assert.equal(await sh(read), '0\n0');
  assert.match(await sh('nft list tables'), new RegExp(host.prefix));
});

test('without rules of IPv6 there are those of IPv4 alone', async () => {
  await firewall.close();
  firewall = makeFirewall(deps({ firewall6: false }));
  await firewall.applyNetwork(one);
  await firewall.publish(web);
  assert.equal(await host.fetch('outside', HOST_ADDRESS, 8080), 'web');
  const rules = await sh(`nft list table inet ${host.prefix}`);
  assert.match(rules, /10\.77\.1\./);
  assert.doesNotMatch(rules, /fd00:77:1:/);
});
