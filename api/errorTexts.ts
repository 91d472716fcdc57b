/** Texts of errors that need a closer look at what was asked. */
import type { UpdateConflict } from '../machines/container.commands.ts';

export const UPDATE_CONFLICTS: Readonly<Record<UpdateConflict, string>> = {
  'auto-remove': 'Restart policy cannot be updated because AutoRemove is enabled for the container',
  swap:
    'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at ' +
    'the same time',
  'nano-period':
    'Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set',
  'nano-quota':
    'Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set',
  'period-nano':
    'Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set',
  'quota-nano': 'Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set',
};

/**
 * Statuses of starts that failed for what another container or a network is, by dockerd's texts
 * (effects/container/joined.ts gives them); of all others the exit code tells.
 */
const FAILED_JOINS: readonly (readonly [RegExp, number])[] = [
  [/^failed to join IPC namespace: No such container: /, 400],
  [/^failed to join IPC namespace: .*: non-shareable IPC /, 400],
  [/^failed to join IPC namespace: /, 409],
  [/^network \S+ not found$/, 404],
  [/^failed to set up container networking: invalid endpoint settings:/, 400],
  [/^failed to set up container networking: invalid link local IP address: /, 400],
  [/^failed to set up container networking: Address already in use$/, 403],
  [/^cannot join own network namespace$/, 500],
  [/^No such container: /, 404],
  [/^cannot join network namespace of a non running container: /, 409],
];

/** 126 and 127 are about the program that was asked for. */
export function startFailureStatus(message: string, exitCode: number): number {
  const [, status] = FAILED_JOINS.find(([text]) => text.test(message)) ?? [];
  return status ?? (exitCode === 126 || exitCode === 127 ? 400 : 500);
}

/** Capitals in the path are what people get wrong most, and are named. */
export function badReference(ref: string): string {
  if (/^[0-9a-f]{64}$/.test(ref))
    return `invalid repository name (${ref}), cannot specify 64-byte hexadecimal strings`;
  const [name = ''] = ref.split(/[@:](?!.*\/)/);
  const slash = name.indexOf('/');
  const hosted = slash > 0 && /[.:A-Z]|^localhost$/.test(name.slice(0, slash));
  const path = hosted ? name.slice(slash + 1) : name.includes('/') ? name : `library/${name}`;
  const why = `: repository name (${path}) must be lowercase`;
  return `invalid reference format${/[A-Z]/.test(path) ? why : ''}`;
}

/** rename has put a slash before the name when it looks at it. */
export function invalidName(name: string, command: 'create' | 'rename'): string {
  const said = (shown: string) =>
    `Invalid container name (${shown}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`;
  if (command === 'create') return said(name);
  return `Error when allocating new name: ${said(name.startsWith('/') ? name : `/${name}`)}`;
}

/** The name of a container that is there. */
export const conflict = (name: string, holder: string): string =>
  `Conflict. The container name "/${name}" is already in use by container "${holder}". You have ` +
  'to remove (or rename) that container to be able to reuse that name.';

/** What each command says of a container that is on its way out. */
export function markedForRemoval(
  id: string,
  command: string,
): { readonly status: number; readonly message: string } {
  if (command === 'start' || command === 'restart')
    return { status: 409, message: 'container is marked for removal and cannot be started' };
  if (command === 'unpause') return { status: 500, message: `Container ${id} is not paused` };
  if (command === 'pause' || command === 'kill')
    return { status: 409, message: `container ${id} is not running` };
  return { status: 409, message: 'container is marked for removal' };
}

export const noVolumeDriver = (volume: string, driver: string): string =>
  `create ${volume}: error looking up volume plugin ${driver}: plugin "${driver}" not found`;
