/**
 * Where on the host each mount of a container comes from, at its start: devices of volumes are
 * mounted, missing sources made where that was asked for, and what can not be done is said in
 * docker's words before the runtime says it in its own.
 */
import { join } from 'node:path';
import type { ContainerContext } from '../../machines/container.context.ts';
import type { MountPoint } from '../../machines/container.mounts.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { containerPaths } from '../container/paths.ts';
import { EffectFailure } from '../failure.ts';
import { readOnlyBelowLacks } from '../host/facts.ts';
import type { PlacedMount } from '../spec/userMounts.ts';
import { volumePaths } from './paths.ts';
import { checkSpread } from './spread.ts';

const failed = (message: string, cause?: unknown): EffectFailure =>
  new EffectFailure('failed', message, { cause });

/** @throws EffectFailure */
export async function placeMounts(
  deps: ContainerDeps,
  subject: ContainerContext,
): Promise<readonly PlacedMount[]> {
  const { mounts = [] } = subject;
  if (mounts.length === 0) return [];
  await deps.volumeMounts.use(subject.id, subject);
  const placed: PlacedMount[] = [];
  for (const [index, point] of mounts.entries()) {
    checkDepth(lacksReadOnlyBelow(deps, subject), point);
    placed.push({ point, source: await sourceOf(deps, subject, point, index) });
  }
  return placed;
}

/** What `run.clean` takes away of it. */
export async function displaceMounts(
  deps: ContainerDeps,
  subject: ContainerContext,
): Promise<void> {
  const { mounts = [] } = subject;
  const subpaths = mounts.flatMap(({ subpath }, index) => (subpath === undefined ? [] : [index]));
  for (const index of subpaths) await deps.subpaths.unpin(placeOf(deps, subject, index));
  if (mounts.length > 0) await deps.volumeMounts.release(subject.id, subject);
}

const placeOf = ({ roots }: ContainerDeps, { id }: ContainerContext, index: number): string =>
  join(containerPaths(roots, id).subpaths, String(index));

/** Why nothing can be made read-only with all that is mounted below; undefined: it can. */
export function lacksReadOnlyBelow(
  { host, featuresOf }: Pick<ContainerDeps, 'host' | 'featuresOf'>,
  { runtime }: Pick<ContainerContext, 'runtime'>,
): string | undefined {
  if (runtime === null) return 'the runtime is not known';
  return readOnlyBelowLacks(host.kernelVersion, runtime.name, featuresOf(runtime));
}

function checkDepth(lacks: string | undefined, { readOnly, readWrite }: MountPoint): void {
  if (readOnly === undefined) return;
  const option = readOnly === 'plain' ? 'ReadOnlyNonRecursive' : 'ReadOnlyForceRecursive';
  if (readWrite) throw failed(`mount options conflict: !ReadOnly && BindOptions.${option}`);
  if (readOnly === 'forced' && lacks !== undefined) throw failed(lacks);
}

async function sourceOf(
  deps: ContainerDeps,
  subject: ContainerContext,
  point: MountPoint,
  index: number,
): Promise<string> {
  if (point.type === 'tmpfs') return '';
  if (point.volume === undefined) return await bindSource(deps, point);
  const { data } = volumePaths(deps.roots.dataRoot, point.volume.name);
  if (!(await deps.system.files.exists(data))) {
    throw failed(`error while mounting volume '${data}': no such file or directory`);
  }
  if (point.subpath === undefined) return data;
  return await deps.subpaths.pin(data, point.subpath, placeOf(deps, subject, index));
}

async function bindSource({ system }: ContainerDeps, point: MountPoint): Promise<string> {
  const { source, makeSource, propagation } = point;
  if (!(await system.files.exists(source))) {
    if (makeSource === undefined) {
      const why = `bind source path does not exist: ${source}`;
      throw failed(`invalid mount config for type "bind": ${why}`);
    }
    try {
      await system.files.makeDirectories(source, 0o755);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw failed(`error while creating mount source path '${source}': ${why}`, error);
    }
  }
  checkSpread(source, propagation);
  return source;
}
