/**
 * Control groups of a daemon's containers, in every hierarchy. They are found by the ids that are
 * in its log, so that one is seen also when nothing else of its container is left.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { namespaceOf } from '../../effects/containerd/namespace.ts';
import { CGROUP_ROOT } from '../../effects/host/facts.ts';
import { codeOf } from '../../effects/system/libc.ts';
import { openReader } from '../../store/connection.ts';
import { entriesOf, removeCgroup } from './leftovers.ts';

/** Whose log it is, and what that daemon is called. */
export interface LogOwner {
  readonly log: string;
  readonly daemonId: string;
}

/** Innermost first. */
export function containerGroups({ log, daemonId }: LogOwner): readonly string[] {
  const names = new Set(containersIn(log).flatMap((id) => [id, `shiplog-${id}.scope`]));
  // What somebody else made in its namespace of containerd lies below that name.
  const foreign = `/${namespaceOf(daemonId)}/`;
  return allGroups().filter((path) => names.has(basename(path)) || path.includes(foreign));
}

/** Takes them away, and what others made for the daemon's namespace of containerd. */
export function sweepGroups(owner: LogOwner, groups: readonly string[]): void {
  const parents = allGroups().filter((path) => basename(path) === namespaceOf(owner.daemonId));
  for (const path of [...groups, ...parents]) removeCgroup(path);
}

/** Ids are random: no other daemon's container has the same. A damaged log tells of none. */
function containersIn(log: string): readonly string[] {
  if (!existsSync(log)) return [];
  const db = openReader(log);
  try {
    const names = db.prepare("SELECT name FROM streams WHERE name LIKE 'container/%'").pluck();
    const ids = (names.all() as readonly string[]).map((name) => name.slice('container/'.length));
    return ids.filter((id) => /^[0-9a-f]{64}$/.test(id));
  } catch (error) {
    if (codeOf(error) !== 'SQLITE_NOTADB') throw error;
    return [];
  } finally {
    db.close();
  }
}

/** Of the whole machine; innermost first. */
export function allGroups(): readonly string[] {
  const below = (path: string): readonly string[] =>
    entriesOf(path)
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name))
      .flatMap((child) => [...below(child), child]);
  return below(CGROUP_ROOT);
}
