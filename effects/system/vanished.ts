/**
 * Clients that end their direction and later are gone. The end alone says nothing: the docker
 * command ends its direction of every attach without input, and reads on. Nor does the kernel wake
 * anybody for the rest once the end was read; only a write would show it, and of a quiet container
 * there is nothing to write. So those connections, and no others, are looked at from time to time.
 */
import type { Socket } from 'node:net';
import { after } from './clock.ts';
import { descriptorOf } from './peer.ts';
import { isHungUp } from './poll.ts';

const LOOK_MS = 1_000;

/** Whose client has ended its direction. */
const ended = new Set<Socket>();

function isGone(socket: Socket): boolean {
  const fd = descriptorOf(socket);
  return fd === undefined || isHungUp(fd);
}

function look(): void {
  for (const socket of ended) if (isGone(socket)) socket.destroy();
  if (ended.size > 0) after(LOOK_MS, look, { unref: true });
}

function watch(socket: Socket): void {
  if (socket.destroyed) return;
  if (isGone(socket)) {
    socket.destroy();
    return;
  }
  const first = ended.size === 0;
  ended.add(socket);
  socket.once('close', () => ended.delete(socket));
  if (first) after(LOOK_MS, look, { unref: true });
}

/** Closes the socket when its client, after the end of its direction, is gone altogether. */
export function closeWhenGone(socket: Socket): void {
  if (socket.readableEnded) watch(socket);
  else socket.once('end', () => watch(socket));
}
