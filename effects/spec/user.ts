/**
 * `user[:group]` to numbers, by /etc/passwd and /etc/group of the container's root. A number is
 * always an id, also when a user has it for a name, and needs no entry. Pure but for the injected
 * reader.
 */
import type { OciUser } from './types.ts';

/** Reads a file of the container's root without ever leaving it; undefined if there is none. */
export type RootReader = (path: string) => Buffer | undefined;

/** The user, the group or an id in range does not exist; the text is what Docker's clients know. */
export class UnknownUser extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnknownUser';
  }
}

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const HIGHEST_ID = 0x7fffffff;

/**
 * @param wanted `user`, `user:group`, names or numbers; empty: user 0
 * @param groupAdd HostConfig.GroupAdd: more groups, names or numbers
 * @throws UnknownUser
 */
export function resolveUser(
  wanted: string,
  groupAdd: readonly string[],
  read: RootReader,
): OciUser {
  const [userPart = '', ...rest] = wanted.split(':');
  const groupPart = rest.join(':');
  const groups = parseGroup(text(read('/etc/group')));
  const account = findAccount(userPart, parsePasswd(text(read('/etc/passwd'))));
  const gid = groupPart === '' ? account.gid : findGroup(groupPart, groups);
  // Naming a group replaces the groups that list the user.
  const listed =
    groupPart === '' && account.name !== undefined ? groupsOf(account.name, groups) : [];
  const added = groupAdd.map((group) => findGroup(group, groups));
  return { uid: account.uid, gid, additionalGids: [...new Set([gid, ...listed, ...added])] };
}

interface Account {
  readonly name?: string;
  readonly uid: number;
  readonly gid: number;
}

function findAccount(wanted: string, entries: readonly PasswdEntry[]): Account {
  const id = wanted === '' ? 0 : idOf(wanted);
  const entry = entries.find((each) => (id === undefined ? each.name === wanted : each.uid === id));
  if (entry !== undefined) return entry;
  if (id === undefined) {
    throw new UnknownUser(`unable to find user ${wanted}: no matching entries in passwd file`);
  }
  return { uid: inRange(id), gid: 0 };
}

function findGroup(wanted: string, entries: readonly GroupEntry[]): number {
  const id = idOf(wanted);
  const entry = entries.find((each) => (id === undefined ? each.name === wanted : each.gid === id));
  if (entry !== undefined) return entry.gid;
  if (id === undefined) {
    throw new UnknownUser(`unable to find group ${wanted}: no matching entries in group file`);
  }
  return inRange(id);
}

function groupsOf(user: string, entries: readonly GroupEntry[]): readonly number[] {
  return entries.filter((each) => each.members.includes(user)).map((each) => each.gid);
}

function inRange(id: number): number {
  if (id < 0 || id > HIGHEST_ID) {
    throw new UnknownUser(`uids and gids must be in range 0-${HIGHEST_ID}`);
  }
  return id;
}

function idOf(word: string): number | undefined {
  return /^[+-]?\d+$/.test(word) ? Number.parseInt(word, 10) : undefined;
}

/** name:password:uid:gid:gecos:home:shell */
function parsePasswd(content: string): readonly PasswdEntry[] {
  return records(content).map(([name = '', , uid = '', gid = '']) => ({
    name,
    uid: idOf(uid) ?? 0,
    gid: idOf(gid) ?? 0,
  }));
}

/** name:password:gid:member,member */
function parseGroup(content: string): readonly GroupEntry[] {
  return records(content).map(([name = '', , gid = '', members = '']) => ({
    name,
    gid: idOf(gid) ?? 0,
    members: members.split(',').filter((member) => member !== ''),
  }));
}

/** Entries of a colon file; comments and blank lines are none. */
function records(content: string): readonly (readonly string[])[] {
  return content
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

function text(content: Buffer | undefined): string {
  return content === undefined ? '' : content.toString('utf8');
}
