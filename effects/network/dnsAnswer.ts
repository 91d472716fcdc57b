/**
 * What is answered to a query: from the table of names, or nothing, if it is for the servers
 * outside. Bytes in, bytes out. Answers are not to be kept (a time to live of 0), since who has a
 * name can change with the next connect.
 */
import * as dns from 'dns-packet';
import type { Addresses, NameTable } from './nameTable.ts';

/** For a query over UDP without an extension that says more. */
const PLAIN_BYTES = 512;
/** What we offer, and the most that goes into one datagram without being split on the way. */
const DATAGRAM_BYTES = 1_232;

export type Verdict =
  | { readonly kind: 'answer'; readonly bytes: Buffer }
  | { readonly kind: 'forward'; readonly query: Buffer }
  /** Not a query: nothing is said. */
  | { readonly kind: 'silence' };

const IPV4_REVERSE = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa\.?$/i;
const IPV6_REVERSE = /^((?:[0-9a-f]\.){32})ip6\.arpa\.?$/i;

/** @param container who asks. @param transport how: an answer over UDP is cut to what fits */
export function answerTo(
  query: Buffer,
  container: string,
  names: NameTable,
  transport: 'udp' | 'tcp',
): Verdict {
  const asked = readQuery(query);
  if (asked === undefined) return { kind: 'silence' };
  const [question, ...more] = asked.questions ?? [];
  if ((((asked.flags ?? 0) >> 11) & 0xf) !== 0) return reply(asked, transport, 'NOTIMP', []);
  if (question === undefined || more.length > 0) return reply(asked, transport, 'FORMERR', []);
  const address = reversed(question.name);
  if (address !== undefined && question.type === 'PTR') {
    const name = names.reverse(container, address);
    if (name === undefined) return outside(query, asked, container, names, transport);
    if (name === null) return reply(asked, transport, 'NXDOMAIN', []);
    const answer: dns.Answer = { type: 'PTR', name: question.name, ttl: 0, data: name };
    return reply(asked, transport, 'NOERROR', [answer]);
  }
  const found = names.lookup(container, question.name);
  if (found === undefined) return outside(query, asked, container, names, transport);
  return reply(asked, transport, 'NOERROR', records(question, found));
}

/** Says that nobody outside could be asked. */
export function failed(query: Buffer): Buffer | undefined {
  const asked = readQuery(query);
  return asked === undefined ? undefined : encode(asked, 'SERVFAIL', [], false);
}

function outside(
  query: Buffer,
  asked: dns.DecodedPacket,
  container: string,
  names: NameTable,
  transport: 'udp' | 'tcp',
): Verdict {
  if (names.mayAskOutside(container)) return { kind: 'forward', query };
  return reply(asked, transport, 'SERVFAIL', []);
}

/** Undefined: not a query, or not readable. */
function readQuery(bytes: Buffer): dns.DecodedPacket | undefined {
  try {
    const asked = dns.decode(bytes);
    return asked.type === 'query' ? asked : undefined;
  } catch (error) {
    // Whatever a container sends; nobody else is to hear of it.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** None, with no error, if the name is known and has no address of that kind. */
function records({ name, type }: dns.Question, { ipv4, ipv6 }: Addresses): dns.Answer[] {
  const both = String(type) === 'ANY';
  return [
    ...(type === 'A' || both ? ipv4 : []).map((data) => ({
      type: 'A' as const,
      name,
      ttl: 0,
      data,
    })),
    ...(type === 'AAAA' || both ? ipv6 : []).map((data) => {
      return { type: 'AAAA' as const, name, ttl: 0, data };
    }),
  ];
}

/** The address in a name for reverse lookups, in its canonical form. */
export function reversed(name: string): string | undefined {
  const [, ...octets] = IPV4_REVERSE.exec(name) ?? [];
  if (octets.length === 4) return octets.toReversed().join('.');
  const digits = IPV6_REVERSE.exec(name)?.[1]?.split('.').slice(0, 32).toReversed().join('');
  if (digits === undefined) return undefined;
  // The URL's parser shortens an address as the kernel prints it.
  const host = new URL(`http://[${digits.match(/.{4}/g)?.join(':')}]/`).hostname;
  return host.slice(1, -1);
}

function reply(
  asked: dns.DecodedPacket,
  transport: 'udp' | 'tcp',
  code: string,
  answers: readonly dns.Answer[],
): Verdict {
  const bytes = encode(asked, code, answers, false);
  const limit = transport === 'tcp' ? 65_535 : room(asked);
  if (bytes.length <= limit) return { kind: 'answer', bytes };
  // As many as fit, and word that there are more: who wants all asks again over TCP.
  let count = answers.length - 1;
  for (; count > 0; count = Math.floor(count * 0.8)) {
    const fewer = encode(asked, code, answers.slice(0, count), true);
    if (fewer.length <= limit) return { kind: 'answer', bytes: fewer };
  }
  return { kind: 'answer', bytes: encode(asked, code, [], true) };
}

function room(asked: dns.DecodedPacket): number {
  const offered = extension(asked)?.udpPayloadSize ?? PLAIN_BYTES;
  return Math.min(DATAGRAM_BYTES, Math.max(PLAIN_BYTES, offered));
}

const extension = (asked: dns.DecodedPacket): dns.OptAnswer | undefined =>
  asked.additionals?.find((one) => one.type === 'OPT');

const CODES: Readonly<Record<string, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
};

function encode(
  asked: dns.DecodedPacket,
  code: string,
  answers: readonly dns.Answer[],
  truncated: boolean,
): Buffer {
  const desired = asked.flag_rd ? dns.RECURSION_DESIRED : 0;
  const cut = truncated ? dns.TRUNCATED_RESPONSE : 0;
  const opt: dns.OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: DATAGRAM_BYTES,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  return dns.encode({
    type: 'response',
    ...(asked.id === undefined ? {} : { id: asked.id }),
    flags: desired | cut | dns.RECURSION_AVAILABLE | (CODES[code] ?? 2),
    questions: asked.questions ?? [],
    answers: [...answers],
    additionals: extension(asked) === undefined ? [] : [opt],
  });
}
