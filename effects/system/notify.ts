/**
 * Tells the service manager how the daemon is, by sd_notify's protocol: a datagram on the unix
 * socket that it named. Node has no such sockets.
 */
import { checked, libcFunction } from './libc.ts';

const socket = libcFunction<(domain: number, type: number, protocol: number) => number>(
  'int socket(int domain, int type, int protocol)',
);
const sendto = libcFunction<
  (
    fd: number,
    message: Buffer,
    length: number,
    flags: number,
    address: Buffer,
    size: number,
  ) => number
>(
  'long sendto(int fd, const void *message, size_t length, int flags, ' +
    'const void *address, unsigned int size)',
);
const close = libcFunction<(fd: number) => number>('int close(int fd)');

const AF_UNIX = 1;
const DATAGRAM_CLOEXEC = 2 | 0o2000000;
/** Never wait for a manager that does not read, and no SIGPIPE. */
const QUIETLY = 0x40 | 0x4000;

/**
 * @param where as in NOTIFY_SOCKET: a path, or `@` and an abstract name
 * @param state assignments, e.g. `READY=1`
 * @throws SystemError
 */
export function notifyManager(where: string, state: readonly string[]): void {
  const address = addressOf(where);
  const message = Buffer.from(state.join('\n'), 'utf8');
  const fd = checked(socket(AF_UNIX, DATAGRAM_CLOEXEC, 0), 'socket', where);
  try {
    checked(sendto(fd, message, message.length, QUIETLY, address, address.length), 'sendto', where);
  } finally {
    close(fd);
  }
}

/** struct sockaddr_un: the family in the host's order, then the path. */
function addressOf(where: string): Buffer {
  const family = new Uint8Array(new Uint16Array([AF_UNIX]).buffer);
  const path = Buffer.from(where.startsWith('@') ? `\0${where.slice(1)}` : `${where}\0`, 'utf8');
  return Buffer.concat([family, path]);
}
