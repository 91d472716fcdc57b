/**
 * Passes queries on to servers outside, byte by byte: one after the other until one of them has
 * answered something of use. Over UDP each query has a socket and a number of its own, so that
 * nobody who does not see it can guess the answer.
 */
import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';
import { after } from '../system/clock.ts';
import { randomHex } from '../system/ids.ts';

export interface Forwarding {
  readonly servers: readonly string[];
  readonly transport: 'udp' | 'tcp';
  /** How long one server may take. */
  readonly patienceMs: number;
}

const PORT = 53;
/** As many are asked as clients usually know. */
const SERVERS = 3;
const SERVER_FAILURE = 2;
const REFUSED = 5;

/** Undefined: nobody answered. An answer that says so itself is given only if there is no other. */
export async function forward(query: Buffer, options: Forwarding): Promise<Buffer | undefined> {
  let poor: Buffer | undefined;
  for (const server of options.servers.slice(0, SERVERS)) {
    const answer = await ask(query, server, options);
    if (answer === undefined) continue;
    const code = (answer[3] ?? 0) & 0xf;
    if (code !== SERVER_FAILURE && code !== REFUSED) return answer;
    poor ??= answer;
  }
  return poor;
}

async function ask(query: Buffer, server: string, options: Forwarding) {
  const [address = '', port = PORT] = splitPort(server);
  if (isIP(address) === 0 || query.length < 12) return undefined;
  const sent = Buffer.from(query);
  const number = Number.parseInt(randomHex(2), 16);
  sent.writeUInt16BE(number);
  const heard =
    options.transport === 'udp'
      ? await askUdp(sent, address, port, options.patienceMs)
      : await askTcp(sent, address, port, options.patienceMs);
  if (heard === undefined || heard.length < 12 || heard.readUInt16BE() !== number) return undefined;
  const answer = Buffer.from(heard);
  answer.writeUInt16BE(query.readUInt16BE());
  return answer;
}

/** A server is an address, or `address#port`. */
function splitPort(server: string): readonly [address: string, port?: number] {
  const [address = '', port] = server.split('#');
  return port === undefined ? [address] : [address, Number(port)];
}

function askUdp(query: Buffer, address: string, port: number, ms: number) {
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  return new Promise<Buffer | undefined>((resolve) => {
    const done = (answer: Buffer | undefined): void => {
      cancel();
      socket.close();
      resolve(answer);
    };
    const cancel = after(ms, () => done(undefined), { unref: true });
    socket.once('error', () => done(undefined));
    // Connected: nobody else's datagrams arrive, and a closed port is told at once.
    socket.connect(port, address, () => socket.send(query));
    socket.once('message', done);
  });
}

function askTcp(query: Buffer, host: string, port: number, ms: number) {
  const socket = connect({ host, port });
  return new Promise<Buffer | undefined>((resolve) => {
    let said = Buffer.alloc(0);
    const done = (answer: Buffer | undefined): void => {
      cancel();
      socket.destroy();
      resolve(answer);
    };
    const cancel = after(ms, () => done(undefined), { unref: true });
    socket.once('error', () => done(undefined));
    socket.once('close', () => done(undefined));
    socket.write(framed(query));
    socket.on('data', (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]);
      const length = said.length < 2 ? Number.POSITIVE_INFINITY : said.readUInt16BE();
      if (said.length >= length + 2) done(said.subarray(2, length + 2));
    });
  });
}

/** Over TCP each message comes after its length. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
