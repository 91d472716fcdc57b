/**
 * The one batch of nftables messages that a container's namespace needs: queries for port 53 of an
 * address of its loopback are led to another port there, so that the container may use port 53
 * itself. Pure bytes; who sends them is in the namespace. The kernel replaces the table as a whole
 * or not at all.
 */
import { endianness } from 'node:os';

const little = endianness() === 'LE';
const NFTABLES = 10;
const FAMILY_IPV4 = 2;
const message = { newTable: 0, deleteTable: 2, newChain: 3, newRule: 6 } as const;
const flag = { request: 0x1, ack: 0x4, exclusive: 0x200, create: 0x400, append: 0x800 } as const;
const batchBegin = 0x10;
const batchEnd = 0x11;
const nested = 0x8000;
const outputHook = 3;
/** Before the kernel's own places for it, where nft and iptables put theirs. */
const destinationPriority = -100;
const network = 1;
const transport = 2;
const l4Protocol = 16;
const register1 = 1;
const register2 = 2;
const destinationNat = 1;

const be16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};
const be32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** Length and type in the machine's order, then the value, filled up to four bytes. */
function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  const write = (number: number, at: number): number =>
    little ? head.writeUInt16LE(number, at) : head.writeUInt16BE(number, at);
  write(value.length + 4, 0);
  write(type, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

const nest = (type: number, ...inner: readonly Buffer[]): Buffer =>
  attribute(type | nested, Buffer.concat(inner));

function packet(type: number, flags: number, sequence: number, family: number, body: Buffer) {
  const head = Buffer.alloc(20);
  const length = 20 + body.length;
  if (little) {
    head.writeUInt32LE(length, 0);
    head.writeUInt16LE(type, 4);
    head.writeUInt16LE(flags, 6);
    head.writeUInt32LE(sequence, 8);
  } else {
    head.writeUInt32BE(length, 0);
    head.writeUInt16BE(type, 4);
    head.writeUInt16BE(flags, 6);
    head.writeUInt32BE(sequence, 8);
  }
  head.writeUInt8(family, 16);
  // The subsystem, for the ends of the batch alone.
  if (type < 0x100) head.writeUInt16BE(NFTABLES, 18);
  return Buffer.concat([head, body]);
}

const expression = (name: string, ...data: readonly Buffer[]): Buffer =>
  nest(1, attribute(1, text(name)), nest(2, ...data));
const payload = (base: number, offset: number, length: number): Buffer =>
  expression(
    'payload',
    attribute(1, be32(register1)),
    attribute(2, be32(base)),
    attribute(3, be32(offset)),
    attribute(4, be32(length)),
  );
const equals = (value: Buffer): Buffer =>
  expression(
    'cmp',
    attribute(1, be32(register1)),
    attribute(2, be32(0)),
    nest(3, attribute(1, value)),
  );
const load = (register: number, value: Buffer): Buffer =>
  expression('immediate', attribute(1, be32(register)), nest(2, attribute(1, value)));

function redirection(protocol: number, address: Buffer, port: number): Buffer {
  return Buffer.concat([
    payload(network, 16, 4),
    equals(address),
    expression('meta', attribute(2, be32(l4Protocol)), attribute(1, be32(register1))),
    equals(Buffer.from([protocol])),
    payload(transport, 2, 2),
    equals(be16(53)),
    load(register1, address),
    load(register2, be16(port)),
    expression(
      'nat',
      attribute(1, be32(destinationNat)),
      attribute(2, be32(FAMILY_IPV4)),
      attribute(3, be32(register1)),
      attribute(5, be32(register2)),
    ),
  ]);
}

const TCP = 6;
const UDP = 17;

/**
 * @param address four bytes
 * @param port where 53 of it leads, for UDP and TCP
 * @param anew whether a table of this name is replaced, which makes the kernel wait for everybody
 *   who may be using it (20 ms); else the batch is refused with EEXIST
 * @returns the batch, and the sequence number of its last message, which is acknowledged
 */
export function redirectBatch(
  table: string,
  address: Buffer,
  port: number,
  anew: boolean,
): { readonly bytes: Buffer; readonly last: number } {
  const parts: Buffer[] = [packet(batchBegin, flag.request, 0, 0, Buffer.alloc(0))];
  const add = (kind: number, flags: number, ...attributes: readonly Buffer[]): void => {
    const type = (NFTABLES << 8) | kind;
    const body = Buffer.concat(attributes);
    parts.push(packet(type, flag.request | flags, parts.length, FAMILY_IPV4, body));
  };
  const chain = 'output';
  if (anew) {
    // Made so that it can be deleted, whether or not it was there.
    add(message.newTable, flag.create, attribute(1, text(table)));
    add(message.deleteTable, 0, attribute(1, text(table)));
  }
  add(message.newTable, flag.create | flag.exclusive, attribute(1, text(table)));
  add(
    message.newChain,
    flag.create,
    attribute(1, text(table)),
    attribute(3, text(chain)),
    nest(4, attribute(1, be32(outputHook)), attribute(2, be32(destinationPriority))),
    attribute(7, text('nat')),
  );
  for (const protocol of [UDP, TCP]) {
    add(
      message.newRule,
      flag.create | flag.append | (protocol === TCP ? flag.ack : 0),
      attribute(1, text(table)),
      attribute(2, text(chain)),
      nest(4, redirection(protocol, address, port)),
    );
  }
  const last = parts.length - 1;
  parts.push(packet(batchEnd, flag.request, parts.length, 0, Buffer.alloc(0)));
  return { bytes: Buffer.concat(parts), last };
}

const errorType = 2;

/**
 * What the kernel said: errno of the first message it refused, 0 when the last one is
 * acknowledged, undefined when neither is in these bytes.
 */
export function acknowledged(bytes: Buffer, last: number): number | undefined {
  const u32 = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const u16 = (at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const i32 = (at: number): number => (little ? bytes.readInt32LE(at) : bytes.readInt32BE(at));
  let done = false;
  for (let at = 0; at + 20 <= bytes.length; ) {
    const length = Math.max(16, u32(at));
    if (u16(at + 4) === errorType) {
      const errno = -i32(at + 16);
      if (errno !== 0) return errno;
      done ||= u32(at + 8) === last;
    }
    at += (length + 3) & ~3;
  }
  return done ? 0 : undefined;
}
