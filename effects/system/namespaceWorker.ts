/**
 * The worker thread that goes into network namespaces. Which namespace a thread is in decides where
 * its new sockets are, and nothing else: what it opens is the whole process's. It comes back after
 * each call; if it could not, it would end rather than serve the next one from the wrong place.
 */
import { closeSync, openSync } from 'node:fs';
import { endianness } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { checked, codeOf, libcFunction, SystemError } from './libc.ts';
import type { NamespaceAnswer, NamespaceCall } from './namespaces.ts';
import { acknowledged, redirectBatch } from './netlink.ts';

const setns = libcFunction<(fd: number, type: number) => number>('int setns(int fd, int type)');
const socketCall = libcFunction<(family: number, type: number, protocol: number) => number>(
  'int socket(int family, int type, int protocol)',
);
const bindCall = libcFunction<(fd: number, address: Buffer, length: number) => number>(
  'int bind(int fd, const void *address, unsigned int length)',
);
const getsockname = libcFunction<(fd: number, address: Buffer, length: Buffer) => number>(
  'int getsockname(int fd, void *address, void *length)',
);
const setsockopt = libcFunction<
  (fd: number, level: number, name: number, value: Buffer, length: number) => number
>('int setsockopt(int fd, int level, int name, const void *value, unsigned int length)');
const send = libcFunction<(fd: number, bytes: Buffer, length: number, flags: number) => number>(
  'long send(int fd, const void *bytes, unsigned long length, int flags)',
);
const recv = libcFunction<(fd: number, bytes: Buffer, length: number, flags: number) => number>(
  'long recv(int fd, void *bytes, unsigned long length, int flags)',
);

const newNetwork = 0x40000000;
const inet = 2;
const netlink = 16;
const netfilter = 12;
const stream = 1;
const datagram = 2;
const raw = 3;
const closeOnExec = 0o2000000;
const nonBlocking = 0o4000;
const solSocket = 1;
const reuseAddress = 2;
const dontWait = 0x40;

const home = openSync('/proc/thread-self/ns/net', 'r');

function socketAddress(address: readonly number[], port: number): Buffer {
  const bytes = Buffer.alloc(16);
  if (endianness() === 'LE') bytes.writeUInt16LE(inet, 0);
  else bytes.writeUInt16BE(inet, 0);
  bytes.writeUInt16BE(port, 2);
  Buffer.from(address).copy(bytes, 4);
  return bytes;
}

function bound(type: number, address: readonly number[], port: number): number {
  const fd = checked(socketCall(inet, type | closeOnExec | nonBlocking, 0), 'socket', 'AF_INET');
  try {
    const on = Buffer.from(new Int32Array([1]).buffer);
    if (type === stream) {
      checked(setsockopt(fd, solSocket, reuseAddress, on, 4), 'setsockopt', 'SO_REUSEADDR');
    }
    checked(bindCall(fd, socketAddress(address, port), 16), 'bind', `port ${port}`);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function portOf(fd: number): number {
  const address = Buffer.alloc(16);
  const length = Buffer.from(new Uint32Array([16]).buffer);
  checked(getsockname(fd, address, length), 'getsockname', String(fd));
  return address.readUInt16BE(2);
}

/** Both on one port: the one wished for, else any. */
function pair(address: readonly number[], wished: number): readonly [udp: number, tcp: number] {
  const udp = bound(datagram, address, wished);
  try {
    return [udp, bound(stream, address, portOf(udp))];
  } catch (error) {
    closeSync(udp);
    throw error;
  }
}

const ANY_PORT_TRIES = 5;

function anyPair(address: readonly number[], wished: number): readonly [udp: number, tcp: number] {
  for (let tries = 0; ; tries += 1) {
    try {
      return pair(address, tries === 0 ? wished : 0);
    } catch (error) {
      if (tries === ANY_PORT_TRIES) throw error;
    }
  }
}

function redirect(table: string, address: readonly number[], port: number, anew: boolean): void {
  const type = raw | closeOnExec;
  const fd = checked(socketCall(netlink, type, netfilter), 'socket', 'NETLINK_NETFILTER');
  try {
    const { bytes, last } = redirectBatch(table, Buffer.from(address), port, anew);
    checked(send(fd, bytes, bytes.length, 0), 'send', 'nftables');
    // The kernel has answered before send returns.
    const said = Buffer.alloc(8_192);
    for (;;) {
      const count = checked(recv(fd, said, said.length, dontWait), 'recv', 'nftables');
      const errno = acknowledged(said.subarray(0, count), last);
      if (errno === 0) return;
      if (errno !== undefined) throw new SystemError('nftables', errno, table);
    }
  } finally {
    closeSync(fd);
  }
}

function serve(call: NamespaceCall): NamespaceAnswer {
  const { id, path, address, wishedPort, table } = call;
  const namespace = openSync(path, 'r');
  let sockets: readonly [udp: number, tcp: number] | undefined;
  try {
    checked(setns(namespace, newNetwork), 'setns', path);
    sockets = anyPair(address, wishedPort);
    const [udp, tcp] = sockets;
    const port = portOf(udp);
    try {
      redirect(table, address, port, false);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      redirect(table, address, port, true);
    }
    return { id, sockets: { udp, tcp } };
  } catch (error) {
    for (const fd of sockets ?? []) closeSync(fd);
    throw error;
  } finally {
    closeSync(namespace);
    checked(setns(home, newNetwork), 'setns', 'the own namespace');
  }
}

parentPort?.on('message', (call: NamespaceCall) => {
  let answer: NamespaceAnswer;
  try {
    answer = serve(call);
  } catch (error) {
    if (error instanceof SystemError && error.message.includes('the own namespace')) throw error;
    answer = { id: call.id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
