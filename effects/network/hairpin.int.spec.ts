/**
 * Who a published port sees: a neighbour that comes back by its own bridge as the bridge, all
 * others as they are. The same of a table that an earlier version of the daemon has left.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { earlierTable } from './earlierTable.fixture.ts';
import { makeFirewall } from './firewall.ts';
import { Monitor } from './monitor.ts';
import type { EndpointPlan, Firewall, NetworkPlan, PortPlan } from './ports.ts';
import { enterPrivateHost, HOST_ADDRESS, type PrivateHost, sh } from './privateHost.fixture.ts';

let host: PrivateHost;
let firewall: Firewall;
let one: NetworkPlan;
let two: NetworkPlan;
let web: EndpointPlan;
let server = 0;
const told: string[] = [];

const HOST_ADDRESS_6 = '2001:db8::1';
const PORTS: readonly PortPlan[] = ['0.0.0.0', '::'].map((hostIp) => ({
  protocol: 'udp',
  hostIp,
  hostPort: 9000,
  containerPort: 81,
}));
const WEB: PortPlan = { protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080, containerPort: 80 };

const picture = () => ({ networks: [one, two], sandboxes: [host.sandbox('web', [web])] });
function start(): Firewall {
  const note = (fields: object, message: string) =>
    void told.push(`${message} ${JSON.stringify(fields)}`);
  return makeFirewall({
    prefix: host.prefix,
    directory: host.dir,
    firewall: true,
    firewall6: true,
    forwarding: true,
    proxy: true,
    log: { info: note, warn: note },
  });
}

async function eventually(what: string, condition: () => Promise<boolean> | boolean) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await condition()) return;
    await pause(50);
  }
  assert.fail(`never: ${what}\n${told.join('\n')}`);
}

const seenFile = (): string => join(host.dir, 'seen');
const seen = (): readonly string[] => readFileSync(seenFile(), 'utf8').trim().split('\n');

/** Writes down what it is sent, and by whom. */
const SERVER = `
  const { createSocket } = require("node:dgram");
  const { appendFileSync } = require("node:fs");
  for (const type of ["udp4", "udp6"]) {
    const server = createSocket({ type, ipv6Only: type === "udp6" });
    server.on("message", (text, from) =>
      appendFileSync(process.argv[1], text + " is " + from.address + "\\n"));
    server.bind(81, () => appendFileSync(process.argv[1], type + "\\n"));
  }`;

before(async () => {
  host = await enterPrivateHost();
  await sh('sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0');
  firewall = start();
  one = await host.network('one', 1);
  two = await host.network('two', 2);
  for (const network of [one, two]) await firewall.applyNetwork(network);
  web = await host.container('web', one, 2, [...PORTS, WEB]);
  await host.container('peer', one, 3);
  await host.container('other', two, 2);
  await firewall.publish(web);
  const run = `${process.execPath} -e '${SERVER}' ${seenFile()} >/dev/null 2>&1 & echo $!`;
  server = Number(await host.inside('web', run));
  await eventually('it listens', () => existsSync(seenFile()) && seen().length === 2);
  // Addresses of the other's subnet, as of a container that is in both.
  const stray = (subnet: number) =>
    `ip addr add 10.77.${subnet}.9/32 dev eth0
     ip addr add fd00:77:${subnet}::9/128 dev eth0 nodad`;
  await host.inside('peer', stray(2));
  await host.inside('other', stray(1));
});
after(async () => {
  await firewall.close();
  await host.leave();
  if (server !== 0) process.kill(server, 'SIGKILL');
});
beforeEach(() => void told.splice(0));

/** What a container's program sends from which address, and what it is seen as. */
const SEEN: readonly (readonly [from: string, source: string, as: string])[] = [
  ['peer', '10.77.1.3', '10.77.1.1'],
  ['web', '10.77.1.2', '10.77.1.1'],
  ['other', '10.77.2.2', '10.77.2.2'],
  ['outside', '192.0.2.2', '192.0.2.2'],
  ['peer', '10.77.2.9', '10.77.2.9'],
  ['other', '10.77.1.9', '10.77.1.1'],
  ['peer', 'fd00:77:1::3', 'fd00:77:1::1'],
  ['web', 'fd00:77:1::2', 'fd00:77:1::1'],
  ['other', 'fd00:77:2::2', 'fd00:77:2::2'],
  ['outside', '2001:db8::2', '2001:db8::2'],
  ['peer', 'fd00:77:2::9', 'fd00:77:2::9'],
  ['other', 'fd00:77:1::9', 'fd00:77:1::1'],
];

/** Sends until it arrives: a first packet may be lost while a neighbour is looked for. */
async function areSeenAsTheyShould(): Promise<void> {
  const names = [...new Set(SEEN.map(([from]) => from))];
  const send = `
    const { createSocket } = require("node:dgram");
    for (const source of process.argv.slice(1)) {
      const six = source.includes(":");
      const socket = createSocket(six ? "udp6" : "udp4");
      const to = six ? "${HOST_ADDRESS_6}" : "${HOST_ADDRESS}";
      socket.bind(0, source, () => socket.send(source, 9000, to, () => socket.close()));
    }`;
  const from = seen().length;
  const arrived = (): ReadonlySet<string> => new Set(seen().slice(from));
  await eventually('all arrived', async () => {
    for (const name of names) {
      const sources = SEEN.filter(([one]) => one === name).map(([, source]) => source);
      await host.inside(name, `${process.execPath} -e '${send}' ${sources.join(' ')}`);
    }
    await pause(50);
    return new Set([...arrived()].map((line) => line.split(' ')[0])).size === SEEN.length;
  });
  const wanted = SEEN.map(([, source, as]) => `${source} is ${as}`);
  assert.deepEqual([...arrived()].toSorted(), wanted.toSorted());
}

test('a neighbour is seen as the bridge, whoever comes from elsewhere as it is', async () => {
  for (const asked of [1, 0]) {
    // Whether the rules are asked on the bridge, or only where it is routed.
    const names = ['iptables', 'ip6tables'].map((name) => `net.bridge.bridge-nf-call-${name}`);
    await sh(`sysctl -qw ${names.map((name) => `${name}=${asked}`).join(' ')}`);
    await areSeenAsTheyShould();
  }
});

test('the rules are listed as they were written, so that a saved list can be loaded', async () => {
  const list = await sh(`nft list table inet ${host.prefix}`);
  await sh(`nft delete table inet ${host.prefix}; nft -f - <<'END'\n${list}\nEND`);
  assert.equal(await sh(`nft list table inet ${host.prefix}`), list);
  assert.deepEqual(await firewall.sync(picture()), []);
});

/** Process ids of `nft monitor` of this process: one. */
async function watcher(): Promise<readonly string[]> {
  const children = await sh(`cat /proc/${process.pid}/task/*/children`);
  const pids = children.split(/\s+/).filter((pid) => existsSync(`/proc/${pid}/cmdline`));
  return pids.filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('nft\0monitor'),
  );
}

test('the watch of the rules lives through networks that come and go', async () => {
  // As at the start of a daemon: the table is there before anybody watches it.
  await firewall.close();
  firewall = start();
  await firewall.sync(picture());
  const before = await watcher();
  assert.equal(before.length, 1);
  const brief = await host.network('brief', 3);
  for (let times = 0; times < 3; times += 1) {
    await firewall.applyNetwork(brief);
    await firewall.removeNetwork(brief);
  }
  // It hears one thing after the other; what is done before it listens it does not hear.
  const element = `inet ${host.prefix} bridges { "${two.bridge}" }`;
  await eventually('repaired', async () => {
    await sh(`nft 'add element ${element}; delete element ${element}'`);
    await pause(500);
    return told.some((line) => line.includes('rules were repaired'));
  });
  assert.deepEqual(await watcher(), before);
});

/** The table of an earlier version that knew the same networks and ports, for the next daemon. */
async function leaveEarlierTable(change = (text: string): string => text): Promise<void> {
  await firewall.close();
  const networks = [one, two].map(({ bridge, subnets }) => {
    const [subnet4 = '', subnet6 = ''] = subnets.map(({ subnet }) => subnet);
    return { bridge, subnet4, subnet6 };
  });
  const ports = {
    any4: ['udp . 9000 : 10.77.1.2 . 81', 'tcp . 8080 : 10.77.1.2 . 80'],
    any6: ['udp . 9000 : fd00:77:1::2 . 81'],
  };
  const text = change(earlierTable(host.prefix, networks, ports));
  await sh(`nft delete table inet ${host.prefix}; nft -f - <<'END'\n${text}\nEND`);
  firewall = start();
}

/** A connection of a neighbour to a published port that is open while something is done. */
async function openWhile(act: () => Promise<void>): Promise<string> {
  const [opened, go] = ['opened', 'go'].map((name) => join(host.dir, name));
  const answer = host.inside(
    'peer',
    `timeout 10 bash -c "exec 3<>/dev/tcp/${HOST_ADDRESS}/8080; touch ${opened}
     while [ ! -e ${go} ]; do sleep 0.05; done; echo GET / HTTP/1.0 >&3; echo >&3; tail -n 1 <&3"`,
  );
  await eventually('it is open', () => existsSync(opened ?? ''));
  await act();
  await sh(`touch ${go}`);
  return answer;
}

test('a table of an earlier version becomes one of this version in one transaction', async () => {
  await leaveEarlierTable();
  await areSeenAsTheyShould();
  const lines: string[] = [];
  const heard = (line: string) => void lines.push(line);
  const monitor = new Monitor({
    command: 'nft',
    args: ['monitor'],
    heard,
    missed: () => heard('missed'),
  });
  try {
    await eventually('it listens', async () => {
      await sh('nft "add table inet probe; delete table inet probe"');
      return lines.length > 0;
    });
    const answer = await openWhile(async () => {
      assert.deepEqual(await firewall.sync(picture()), []);
    });
    assert.equal(answer, 'web');
    await sh('nft add table inet after');
    await eventually('all is heard', () => lines.includes('add table inet after'));
  } finally {
    monitor.close();
  }
  const transactions = lines.join('\n').split(/^# new generation.*$/m);
  const ours = transactions.filter((text) => text.includes(host.prefix));
  assert.equal(ours.length, 1, ours.join('---'));
  const [text = ''] = ours;
  assert.doesNotMatch(text, /delete table/);
  for (const set of ['hairpin4', 'hairpin6'])
    assert.match(text, new RegExp(`delete set .* ${set}`));
  const added = [...text.matchAll(/^add element \S+ \S+ (\S+) /gm)].map(([, set]) => set);
  assert.deepEqual(added.toSorted(), ['subnets4', 'subnets4', 'subnets6', 'subnets6']);
  assert.deepEqual(
    told.filter((line) => line.includes('repaired')),
    [],
  );
  await areSeenAsTheyShould();
});

test('a table with a set of another kind is made anew, with all that belongs in it', async () => {
  const anothers = (text: string): string =>
    text.replace('internal { type ifname', 'internal { type mark').replace(/.*@internal.*\n/g, '');
  await leaveEarlierTable(anothers);
  const said = await firewall.sync(picture());
  assert.deepEqual(said, [`table inet ${host.prefix} had sets of another kind`]);
  await areSeenAsTheyShould();
  assert.deepEqual(await firewall.sync(picture()), []);
});
