/** Who is at the other end of a unix socket, as the kernel says. */
import { readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import { libcFunction } from './libc.ts';

const getsockopt = libcFunction<
  (fd: number, level: number, option: number, value: Buffer, length: Buffer) => number
>('int getsockopt(int fd, int level, int option, void *value, void *length)');
const socketLevel = 1;
const peerCredentialsOption = 17;
/** struct ucred: pid, uid, gid, 32 bits each. */
const ucredBytes = 12;

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Credentials that the peer had when it connected; undefined for what is not a unix socket. The pid
 * is 0 when the peer lives in a pid namespace that this process cannot see.
 */
export function peerCredentials(fd: number): PeerCredentials | undefined {
  const value = Buffer.alloc(ucredBytes);
  const length = Buffer.alloc(4);
  const little = endianness() === 'LE';
  if (little) length.writeUInt32LE(ucredBytes);
  else length.writeUInt32BE(ucredBytes);
  if (getsockopt(fd, socketLevel, peerCredentialsOption, value, length) < 0) return undefined;
  const word = (at: number): number => (little ? value.readInt32LE(at) : value.readInt32BE(at));
  const credentials = { pid: word(0), uid: word(4), gid: word(8) };
  // The kernel answers pid 0 and ids of -1 for a TCP socket instead of an error.
  return credentials.uid === -1 ? undefined : credentials;
}

/** Path of the program a process runs; undefined if it is gone or out of sight. */
export function executableOf(pid: number): string | undefined {
  if (pid <= 0) return undefined;
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/** File descriptor of a connected socket; undefined once it is closed. */
export function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  const fd: unknown = Reflect.get(handle, 'fd');
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}
