/**
 * Hands a create over: its volumes are found or made first, and it is tried again when a name by
 * chance is taken, or when one of the volumes was removed at the same moment.
 */
import type { Refusal } from '../../machines/container.commands.ts';
import type { MountPoint } from '../../machines/container.mounts.ts';
import { refusalError } from '../errors.ts';
import { planMounts } from '../mounts/plan.ts';
import { dropOwn, resolveMounts } from '../mounts/resolve.ts';
import type { ContainerCreateRequest } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import type { ApiRequest } from '../request.ts';
import type { CreateCommand } from './create.ts';

/** How often a volume may be removed between the look at it and the create. */
const TRIES = 5;

type Unnamed = Omit<CreateCommand, 'name' | 'mounts'>;

/** @throws ApiError */
export async function submitNamed(
  ports: ApiPorts,
  request: ApiRequest,
  asked: ContainerCreateRequest,
  command: Unnamed,
  names: () => Iterable<string>,
): Promise<void> {
  const plan = planMounts(asked.HostConfig ?? null, command.config.Volumes, {
    version: request.version,
    dataRoot: ports.daemon.info().dataRoot,
    exists: (path) => ports.volumes.hostHas(path),
    find: (ref) => {
      const found = ports.containers.resolve(ref);
      return found.kind === 'found' ? ports.containers.get(found.id) : undefined;
    },
  });
  for (let left = TRIES; ; left -= 1) {
    const mounts = await resolveMounts(ports, plan, command.id, request.info);
    const refusal = await firstFree(ports, request, { ...command, ...some(mounts) }, names());
    if (refusal === undefined) return;
    await dropOwn(ports, mounts, request.info);
    if (refusal.kind !== 'volume-gone' || left === 0)
      throw refusalError(refusal, { command: 'create', ref: command.id });
  }
}

const some = (mounts: readonly MountPoint[]) => (mounts.length === 0 ? {} : { mounts });

/** Tries one name after the other while they are taken. */
async function firstFree(
  ports: ApiPorts,
  request: ApiRequest,
  command: Omit<CreateCommand, 'name'>,
  names: Iterable<string>,
): Promise<Refusal | undefined> {
  let last: Refusal | undefined;
  for (const name of names) {
    const outcome = await ports.commands.submit({ ...command, name }, request.info);
    if (outcome.kind !== 'refused') return undefined;
    last = outcome.refusal;
    if (last.kind !== 'name-in-use') break;
  }
  return last;
}
