import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import * as dns from 'dns-packet';
import { framed } from './dnsForward.ts';
import { makeNames } from './names.ts';
import type { EndpointPlan, Names, NetworkPlan } from './ports.ts';
import { enterPrivateHost, type PrivateHost } from './privateHost.fixture.ts';

let host: PrivateHost;
let names: Names;
let net: NetworkPlan;
let shut: NetworkPlan;
let web: EndpointPlan;
let asking: EndpointPlan;
let inner: EndpointPlan;
let upstream: Upstream;

/** A server outside that knows one name, under two transports. */
interface Upstream {
  readonly port: number;
  readonly udp: Socket;
  readonly tcp: Server;
}

function outsideAnswer(query: Buffer): Buffer {
  const { id = 0, questions = [] } = dns.decode(query);
  const [question] = questions;
  const known = question?.name === 'example.com' && question.type === 'A';
  return dns.encode({
    type: 'response',
    id,
    flags: known ? 0 : 3,
    questions,
    answers: known ? [{ type: 'A', name: 'example.com', ttl: 60, data: '198.51.100.7' }] : [],
  });
}

async function startUpstream(): Promise<Upstream> {
  const udp = createSocket('udp4');
  udp.on('message', (query, { port, address }) => udp.send(outsideAnswer(query), port, address));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  const { port } = udp.address();
  const tcp = createServer((socket) =>
    socket.on('data', (bytes: Buffer) => socket.write(framed(outsideAnswer(bytes.subarray(2))))),
  );
  await new Promise<void>((resolve) => tcp.listen(port, '127.0.0.1', resolve));
  return { port, udp, tcp };
}

const makeAll = (): Names =>
  makeNames({
    hostServers: () => ['127.0.0.1#1', `127.0.0.1#${upstream.port}`],
    log: { info: () => undefined, warn: (fields, message) => assert.fail(`${message} ${fields}`) },
  });

before(async () => {
  host = await enterPrivateHost();
  upstream = await startUpstream();
  names = makeAll();
  net = await host.network('net', 1);
  shut = await host.network('shut', 2, { internal: true });
  web = await host.container('web', net, 2);
  asking = await host.container('peer', net, 3);
  inner = await host.container('in1', shut, 2);
  await names.set(host.sandbox('web', [web]));
  await names.set(host.sandbox('peer', [asking]));
  await names.set(host.sandbox('in1', [inner]));
});
after(async () => {
  await names.close();
  upstream.udp.close();
  upstream.tcp.close();
  await host.leave();
});

/** What c-ares in a container makes of questions like `A web`, in one process. */
async function resolve(container: string, ...questions: readonly string[]) {
  const program = `
    const { Resolver } = require("node:dns").promises;
    const resolver = new Resolver({ timeout: 3000, tries: 2 });
    resolver.setServers(["127.0.0.11"]);
    const one = (question) => {
      const [type, name] = question.split(" ");
      const asked = type === "PTR" ? resolver.reverse(name) : resolver.resolve(name, type);
      return asked.then((found) => found.join(" "), (error) => error.code);
    };
    Promise.all(process.argv.slice(1).map(one)).then((all) => console.log(JSON.stringify(all)));`;
  const words = questions.map((question) => `"${question}"`).join(' ');
  const said = await host.inside(container, `${process.execPath} -e '${program}' ${words}`);
  return JSON.parse(said) as string[];
}

test('names, addresses backwards, and those whom only others know', async () => {
  const asked = ['A web', 'AAAA web', 'PTR 10.77.1.2', 'A example.com', 'A nobody', 'MX web'];
  assert.deepEqual(await resolve('peer', ...asked), [
    '10.77.1.2',
    'fd00:77:1::2',
    'web.net',
    '198.51.100.7',
    'ENOTFOUND',
    'ENODATA',
  ]);
});

test('from an internal network nothing is asked outside', async () => {
  const asked = ['A in1', 'A web', 'A example.com'];
  assert.deepEqual(await resolve('in1', ...asked), ['10.77.2.2', 'ESERVFAIL', 'ESERVFAIL']);
});

test('a connect, a rename and a disconnect are answered at once', async () => {
  const more = { ...inner, id: 'second', network: net, ipv4: at('10.77.1.9'), ipv6: null };
  await names.set(host.sandbox('in1', [inner, { ...more, dnsNames: ['in1', 'db'] }]));
  assert.deepEqual(await resolve('peer', 'A db', 'AAAA db'), ['10.77.1.9', 'ENODATA']);
  await names.set(host.sandbox('in1', [inner, { ...more, dnsNames: ['in1', 'store'] }]));
  assert.deepEqual(await resolve('peer', 'A db', 'A store'), ['ENOTFOUND', '10.77.1.9']);
  await names.set(host.sandbox('in1', [inner]));
  assert.deepEqual(await resolve('peer', 'A store'), ['ENOTFOUND']);
});
const at = (address: string) => ({ address, prefixLength: 24, gateway: null });

test('two hundred addresses of one name come over TCP', async () => {
  const many = Array.from({ length: 200 }, (_, index) => ({
    ...web,
    id: `m${index}`,
    ipv4: at(`10.77.1.${index + 20}`),
    dnsNames: [`m${index}`, 'crowd'],
  }));
  await Promise.all(
    many.map((one) => names.set({ ...host.sandbox(one.id, [one]), resolves: false })),
  );
  const [found = ''] = await resolve('peer', 'A crowd');
  assert.equal(new Set(found.split(' ')).size, 200);
  await Promise.all(many.map(({ id }) => names.remove(id)));
});

test('a container may listen on port 53 itself', async () => {
  const program = 'busybox timeout 5 busybox nc -l -p 53 </dev/null >/dev/null 2>&1 & echo $!';
  const pid = Number(await host.inside('peer', program));
  assert.deepEqual(await resolve('peer', 'A web'), ['10.77.1.2']);
  assert.match(await host.inside('peer', 'ss -ltn'), /0\.0\.0\.0:53 |\*:53 /);
  process.kill(pid, 'SIGKILL');
});

test('the next daemon answers in the same places, and forgets who is gone', async () => {
  await names.close();
  assert.deepEqual(await resolve('peer', 'A web'), ['ECONNREFUSED']);
  names = makeAll();
  const sandboxes = [host.sandbox('web', [web]), host.sandbox('peer', [asking])];
  assert.deepEqual(await names.sync(sandboxes), []);
  assert.deepEqual(await resolve('peer', 'A web', 'A in1'), ['10.77.1.2', 'ENOTFOUND']);
  assert.deepEqual(await names.sync(sandboxes), []);
});

test('a namespace that is gone is said to be', async () => {
  const lost = { ...host.sandbox('web', [web]), namespacePath: '/run/netns/nothing', run: 2 };
  await assert.rejects(names.set(lost), { kind: 'failed' });
  const [said = ''] = await names.sync([lost]);
  assert.match(said, /^names of|resolves no names/);
  await names.remove('web');
});
