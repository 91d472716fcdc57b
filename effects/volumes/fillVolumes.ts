/**
 * What the image has at the target of an empty volume is copied into it when the container is
 * created, as `docker run -v name:/path` promises. A copy that was broken off is known by the mark
 * beside the volume, and made again; a volume that holds anything else is left alone.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { EffectFailure } from '../failure.ts';
import { volumePaths } from './paths.ts';

/** After the snapshots are there. @throws EffectFailure */
export async function fillVolumes(
  deps: ContainerDeps,
  subject: ContainerContext,
  signal: AbortSignal,
): Promise<void> {
  const points = (subject.mounts ?? []).filter(({ copyUp }) => copyUp === true);
  if (points.length === 0) return;
  const user = `fill ${subject.id}`;
  await deps.volumeMounts.use(user, { mounts: points });
  try {
    const root = await deps.rootMounts.hold(subject.id, { signal });
    try {
      for (const { volume, destination, anonymous = false } of points) {
        if (volume === undefined) continue;
        const { data, filling } = volumePaths(deps.roots.dataRoot, volume.name);
        const places = { root: root.path, path: destination, target: data, mark: filling };
        const both = AbortSignal.any([signal, root.lost]);
        const job = { kind: 'fill', ...places, mustBeDirectory: anonymous } as const;
        const running = deps.threads.run(job, both);
        await running.over;
        await orFailed(running.value);
      }
    } finally {
      await root.release();
    }
  } finally {
    await deps.volumeMounts.release(user, { mounts: points });
  }
}

async function orFailed(value: Promise<unknown>): Promise<void> {
  try {
    await value;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new EffectFailure('failed', text, { cause: error });
  }
}
