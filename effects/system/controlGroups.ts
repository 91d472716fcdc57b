/**
 * Control groups as the directories that they are: in version 1 one in the hierarchy of each
 * controller, in version 2 one. The calls do not wait for anything: the files are the kernel's.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './libc.ts';
import { signalProcess, startTime } from './process.ts';

/**
 * Takes a group away, with those below it. What still runs in them is killed.
 * @param root where the hierarchies are mounted
 * @returns whether it is gone: a process takes a moment to end
 */
export function endControlGroup(root: string, group: string): boolean {
  const directories = hierarchies(root)
    .map((top) => join(top, group))
    .flatMap(withBelow);
  for (const directory of directories) endProcesses(directory);
  return directories.map(isRemoved).every(Boolean);
}

const hierarchies = (root: string): readonly string[] =>
  existsSync(join(root, 'cgroup.procs'))
    ? [root]
    : readdirSync(root).map((name) => join(root, name));

/** Innermost first; none if it is not there. */
function withBelow(path: string): readonly string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap(({ name }) => withBelow(join(path, name))), path];
}

function endProcesses(group: string): void {
  const found = new Map(pidsIn(group).map((pid) => [pid, startTime(pid)]));
  if (found.size === 0) return;
  // A frozen process of version 1 dies when it is thawed.
  const freezer = join(group, 'freezer.state');
  if (existsSync(freezer)) writeFileSync(freezer, 'THAWED');
  // Those that are still in it now are those whose start was read.
  for (const pid of pidsIn(group)) {
    const started = found.get(pid);
    if (started !== undefined) signalProcess(pid, started, 'SIGKILL');
  }
}

/** 0 stands for a process of another namespace of pids. */
const pidsIn = (group: string): readonly number[] =>
  (orGone(() => readFileSync(join(group, 'cgroup.procs'), 'utf8')) ?? '')
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);

function isRemoved(group: string): boolean {
  try {
    orGone(() => rmdirSync(group));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EBUSY') return false;
    throw error;
  }
}

/** Undefined: the group went meanwhile. */
function orGone<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENODEV') return undefined;
    throw error;
  }
}
