/**
 * A data root has a namespace of its own in containerd, labelled with the daemon it belongs to: two
 * daemons on one containerd never touch each other's containers, and a copied data root is noticed.
 */
import { createHash } from 'node:crypto';
import { StartRefused } from '../system/startRefused.ts';
import type { Containerd } from './client.ts';
import { isContainerdError } from './errors.ts';
import type { Namespace } from './types.ts';

export const daemonIdLabel = 'shiplog.daemon-id';

/** The namespace is somebody else's; `owner` is empty when nobody signed it. */
export class ForeignNamespaceError extends StartRefused {
  readonly namespace: string;
  readonly owner: string;

  constructor(namespace: string, owner: string) {
    const whose = owner === '' ? 'is not labelled as ours' : `belongs to daemon ${owner}`;
    super(`containerd namespace ${namespace} ${whose}: give this daemon another containerd`);
    this.name = 'ForeignNamespaceError';
    this.namespace = namespace;
    this.owner = owner;
  }
}

/** `shiplog-<12 hexadecimal digits>`, the same for the same daemon id. */
export function namespaceOf(daemonId: string): string {
  return `shiplog-${createHash('sha256').update(daemonId).digest('hex').slice(0, 12)}`;
}

/**
 * Creates and signs the namespace, or checks its signature. Repeatable.
 * @param name as `namespaceOf` gives it, or the user.
 * @param managed containerd is ours alone, so that an unsigned namespace must be ours as well.
 * @throws ForeignNamespaceError, ContainerdError
 */
export async function claimNamespace(
  client: Containerd,
  daemonId: string,
  managed: boolean,
  name: string = namespaceOf(daemonId),
): Promise<string> {
  const labels = { [daemonIdLabel]: daemonId };
  const existing = await lookUp(client, name);
  if (!existing) {
    try {
      await client.namespaces.create(name, labels);
    } catch (error) {
      if (!isContainerdError(error, 'already-exists')) throw error;
      return claimNamespace(client, daemonId, managed, name);
    }
    return name;
  }
  const owner = existing.labels[daemonIdLabel] ?? '';
  if (owner === daemonId) return name;
  if (owner !== '' || !managed) throw new ForeignNamespaceError(name, owner);
  await client.namespaces.update(name, labels);
  return name;
}

/** By the list: asked for one that is missing, containerd answers as for one without labels. */
async function lookUp(client: Containerd, name: string): Promise<Namespace | undefined> {
  return (await client.namespaces.list()).find((each) => each.name === name);
}
