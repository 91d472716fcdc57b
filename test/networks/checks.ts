/** The daemon and the host compared with the model. Each check returns complaints. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ALIAS, type Box, DEFAULT, type Model, shared } from './model.ts';
import { type Reached, reach, type Server } from './reach.ts';
import { addressesIn, type SeenBox } from './seen.ts';

/** How long a server that should answer may take, over several tries: it may just have begun. */
const PATIENCE_MS = 20_000;
const ANSWER_S = 3;
/** How long is waited for what must not answer. */
const SILENCE_S = 0.4;

export function checkRecords(model: Model, seen: readonly SeenBox[]): readonly string[] {
  const complaints: string[] = [];
  const expect = (what: string, is: unknown, should: unknown): void => {
    const [found, wanted] = [JSON.stringify(is), JSON.stringify(should)];
    if (found !== wanted) complaints.push(`${what}: ${found}, not ${wanted}`);
  };
  expect('boxes', seen.map(({ name }) => name).sort(), [...model.boxes.keys()].sort());
  for (const box of model.boxes.values()) {
    const found = seen.find(({ name }) => name === box.name);
    if (found === undefined) continue;
    expect(`${box.name} runs`, found.runs, box.runs);
    expect(`networks of ${box.name}`, found.places.map(({ net }) => net).sort(), places(box));
    const ports = box.runs && box.port !== null && model.leadsOut(box) ? [box.port] : [];
    expect(`published ports of ${box.name}`, found.ports, ports);
    if (!box.runs) continue;
    const without = found.places.filter(({ addresses }) => addresses.length === 0);
    expect(`places of ${box.name} without an address`, without, []);
  }
  const all = seen.filter(({ runs }) => runs).flatMap(({ places: own }) => own);
  const addresses = all.flatMap((place) => place.addresses);
  expect('addresses that are given twice', twice(addresses), []);
  expect('MACs that are given twice', twice(all.map(({ mac }) => mac)), []);
  return complaints;
}

const places = ({ places: own }: Box): readonly string[] => [...own].sort();
const twice = (list: readonly string[]): readonly string[] =>
  list.filter((one, at) => list.indexOf(one) !== at);

/** Namespaces and addresses of the host are those of the records, and no other. */
export async function checkHost(
  seen: readonly SeenBox[],
  prefix: string,
): Promise<readonly string[]> {
  const complaints: string[] = [];
  const running = seen.filter(({ runs }) => runs);
  const wanted = running.map(({ namespace }) => namespace).filter((name) => name !== '');
  const there = readdirSync('/run/netns').filter((name) => name.startsWith(`${prefix}-`));
  for (const name of there) {
    if (!wanted.includes(name)) complaints.push(`namespace ${name} belongs to no running box`);
  }
  for (const name of wanted) {
    if (!there.includes(name)) complaints.push(`namespace ${name} is not there`);
  }
  for (const { name, pid, places: own } of running) {
    const has = await addressesIn(pid);
    const should = own.flatMap(({ addresses }) => addresses).sort();
    if (has.join() !== should.join()) {
      complaints.push(`${name} has ${has.join() || 'no address'}, not ${should.join()}`);
    }
  }
  return complaints;
}

/** What a box finds in its /etc: where it is itself, and who answers for names. */
export function checkFiles(seen: readonly SeenBox[]): readonly string[] {
  return seen
    .filter(({ runs }) => runs)
    .flatMap(({ name, pid, places: own }) => {
      const [hosts, resolv] = ['hosts', 'resolv.conf'].map((file) =>
        readFileSync(`/proc/${pid}/root/etc/${file}`, 'utf8'),
      );
      const told = [...(hosts ?? '').matchAll(/^(\S+)\t(\S+)$/gm)];
      const addresses = told.filter(([, , who]) => who === name).map(([, address]) => address);
      const should = own.flatMap((place) => place.addresses);
      const named = own.every(({ net }) => net === DEFAULT.name);
      const answers = (resolv ?? '').includes('nameserver 127.0.0.11');
      return [
        ...(addresses.toSorted().join() === should.toSorted().join()
          ? []
          : [`hosts of ${name} says ${addresses.join()}, not ${should.join()}`]),
        ...(named || answers ? [] : [`resolv.conf of ${name} says ${resolv}`]),
      ];
    });
}

interface Question extends Server {
  /** In words, for complaints. */
  readonly what: string;
  /** Who should answer; empty: nobody. */
  readonly who: string;
}

interface NameQuestion {
  readonly name: string;
  /** Addresses of which some, or all, should be told. */
  readonly among: readonly string[];
}

const question = (what: string, host: string, port: number, who: string): Question => ({
  what: `${what} (${host} port ${port})`,
  host,
  port,
  who,
  seconds: who === '' ? SILENCE_S : ANSWER_S,
});

/** Each running box reaches its neighbours, by address and by name, and nobody else. */
export async function checkNeighbours(
  model: Model,
  seen: readonly SeenBox[],
): Promise<readonly string[]> {
  const found = new Map(seen.map((one) => [one.name, one]));
  const all = model.running().map(async (box) => {
    const others = model.running().filter((other) => other !== box);
    const servers = others.flatMap((other) => addressQuestions(box, other, found));
    const names = nameQuestions(box, others, found);
    return ask(found.get(box.name)?.pid ?? 0, box.name, servers, names);
  });
  return (await Promise.all(all)).flat();
}

function addressQuestions(
  box: Box,
  other: Box,
  found: ReadonlyMap<string, SeenBox>,
): readonly Question[] {
  const both = shared(box, other);
  return (found.get(other.name)?.places ?? []).flatMap(({ net, addresses }) =>
    addresses.map((address) => {
      const who = both.includes(net) ? other.name : '';
      return question(`${other.name} in ${net}`, address, 80, who);
    }),
  );
}

function nameQuestions(
  box: Box,
  others: readonly Box[],
  found: ReadonlyMap<string, SeenBox>,
): readonly NameQuestion[] {
  // Nobody answers questions in a box that is in no user-defined network.
  if (box.places.every((net) => net === DEFAULT.name)) return [];
  const among = (other: Box): readonly string[] => {
    const both = shared(box, other).filter((net) => net !== DEFAULT.name);
    const own = found.get(other.name)?.places ?? [];
    return own.filter(({ net }) => both.includes(net)).flatMap(({ addresses }) => addresses);
  };
  return [
    ...others.map((other) => ({ name: other.name, among: among(other) })),
    { name: ALIAS, among: [box, ...others].flatMap(among) },
  ];
}

/** Ports lead where they should, and only those of running boxes lead anywhere. */
export async function checkPorts(
  model: Model,
  ports: readonly number[],
): Promise<readonly string[]> {
  const servers = ports.map((port) =>
    question('the host', '127.0.0.1', port, model.publisher(port)?.name ?? ''),
  );
  return ask(null, 'the host', servers, []);
}

/** Asks again, for what should be there, as long as it may take. */
async function ask(
  pid: number | null,
  asker: string,
  servers: readonly Question[],
  names: readonly NameQuestion[],
): Promise<readonly string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const reached = await reach(
      pid,
      servers,
      names.map(({ name }) => name),
    );
    const wrong = complaintsOf(asker, servers, names, reached);
    const missing = wrong.some(({ isMissing }) => isMissing);
    if (!missing || performance.now() > deadline) return wrong.map(({ text }) => text);
    await sleep(100);
  }
}

interface Complaint {
  readonly text: string;
  /** What should be there is not; it may come yet. */
  readonly isMissing: boolean;
}

function complaintsOf(
  asker: string,
  servers: readonly Question[],
  names: readonly NameQuestion[],
  { said, addresses }: Reached,
): readonly Complaint[] {
  const ofServers = servers.flatMap(({ what, who }, at) => {
    const answer = said[at] ?? '';
    if (answer === who) return [];
    const text = `${asker} asks ${what}: ${answer || 'nobody'} answers, not ${who || 'nobody'}`;
    return [{ text, isMissing: answer === '' }];
  });
  const ofNames = names.flatMap(({ name, among }, at) => {
    const told = addresses[at] ?? [];
    const right = told.every((one) => among.includes(one)) && told.length > 0 === among.length > 0;
    if (right) return [];
    const text = `${asker} resolves ${name}: ${told.join() || 'nothing'}, not ${among.join()}`;
    return [{ text, isMissing: told.length === 0 }];
  });
  return [...ofServers, ...ofNames];
}
