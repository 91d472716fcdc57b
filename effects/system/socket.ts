/** The files of unix sockets that the daemon listens on: stale ones taken away, permissions set. */
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { codeOf } from './libc.ts';
import { StartRefused } from './startRefused.ts';

const ANSWER_MS = 2_000;

/**
 * Makes the directory, and removes a socket that nobody listens on any more.
 * @throws StartRefused when something listens on it, or when the path is no socket
 */
export async function clearSocket(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) throw new StartRefused(`${path} exists and is not a socket`);
  if (await answers(path)) throw new StartRefused(`another daemon listens on ${path}`);
  rmSync(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_MS, () => done(true));
    socket.once('connect', () => done(true));
    socket.once('error', (error) => {
      if (codeOf(error) === 'ECONNREFUSED' || codeOf(error) === 'ENOENT') done(false);
      else reject(error);
    });
  });
}

/** As dockerd's. */
const DEFAULT_GROUP = 'docker';

/**
 * Root and the group may use it. @param group null: that of docker, if the host has it
 * @returns whether there is a group; false: root alone
 * @throws StartRefused for an unknown group
 */
export function permitSocket(
  path: string,
  group: string | null,
  file = readFileSync('/etc/group', 'utf8'),
): boolean {
  const lacks = group === null && !new RegExp(`^${DEFAULT_GROUP}:`, 'm').test(file);
  if (!lacks) chownSync(path, 0, groupId(group ?? DEFAULT_GROUP, file));
  chmodSync(path, lacks ? 0o600 : 0o660);
  return !lacks;
}

/** A number is an id as it is; a name is looked up in /etc/group. */
export function groupId(group: string, file: string = readFileSync('/etc/group', 'utf8')): number {
  if (/^\d+$/.test(group)) return Number(group);
  const line = file.split('\n').find((entry) => entry.startsWith(`${group}:`));
  const id = line?.split(':')[2];
  if (id === undefined || !/^\d+$/.test(id)) throw new StartRefused(`unknown group ${group}`);
  return Number(id);
}
