/** The volumes of the facade, and those that go with their containers. */
import { existsSync } from 'node:fs';
import { passCommand } from '../actors/gate.ts';
import type { Volumes } from '../api/volumes/ports.ts';
import { makeDiskSizes } from '../effects/volumes/sizes.ts';
import { volumeFamily } from '../machines/volume.family.ts';
import { openContainerQueries } from '../projections/containerQueries.ts';
import type { VolumeView } from '../projections/views.ts';
import { openVolumeQueries } from '../projections/volumes.ts';
import type { Daemon } from './daemon.ts';

/** Longer than the deadline of any effect of a volume. */
const VOLUME_MS = 150_000;

/** A volume is a directory: nobody else is needed for it. */
const rules = {
  family: volumeFamily,
  needsRuntime: () => false,
  deadlineMs: () => VOLUME_MS,
};

export function volumePorts(daemon: Daemon): Volumes {
  const { gate, log, options } = daemon;
  const queries = openVolumeQueries(log.reader);
  return {
    ...queries,
    submit: (command, request) => passCommand(gate, rules, command, request),
    sizes: makeDiskSizes(options.dataRoot),
    sweep: () => takeAway(daemon, queries.doomed()),
    hostHas: (path) => existsSync(path),
  };
}

/** Who takes volumes away that nobody has any more. */
export interface Keeper {
  readonly system: Pick<Daemon['system'], 'submit'>;
  readonly log: Pick<Daemon['log'], 'reader' | 'onCommit'>;
  readonly journal: { error(record: object, message: string): void };
  readonly over: { readonly signal: Pick<AbortSignal, 'aborted'> };
}

/** @param unwritten told of each whose removal the log did not take */
async function takeAway(
  { system }: Pick<Keeper, 'system'>,
  volumes: readonly VolumeView[],
  unwritten: (volume: VolumeView) => void = () => undefined,
): Promise<void> {
  const origin = { request: '', caller: { kind: 'daemon' as const }, deadlineMs: VOLUME_MS };
  for (const volume of volumes) {
    const { name, incarnation } = volume;
    const command = { type: 'remove-volume', name, incarnation } as const;
    const result = await system.submit(volumeFamily, command, origin);
    if (result.kind === 'refused' && result.refusal.kind === 'log-failed') unwritten(volume);
  }
}

/**
 * Volumes that a container takes along are removed after it, whoever removed it; and at boot those
 * that were made for containers that never came to be. Each is tried once in the daemon's life:
 * one that another container has meanwhile stays. What the log did not take is tried again with
 * the next append, which it takes.
 */
export function followVolumes(keeper: Keeper): void {
  const { log, journal, over } = keeper;
  const queries = openVolumeQueries(log.reader);
  const tried = new Set<string>();
  let unwritten: VolumeView[] = [];
  const fresh = (volumes: readonly VolumeView[]) =>
    volumes.filter(({ name, incarnation }) => {
      const key = `${name}#${incarnation}`;
      return !tried.has(key) && tried.add(key);
    });
  const remove = (volumes: readonly VolumeView[]): void =>
    void takeAway(keeper, volumes, (volume) => unwritten.push(volume)).catch((err: unknown) =>
      journal.error({ err }, 'a volume that nobody has could not be removed'),
    );
  log.onCommit((facts) => {
    if (over.signal.aborted) return;
    const again = unwritten;
    unwritten = [];
    const removed = facts.some(({ type }) => type === 'container.removed');
    remove([...again, ...(removed ? fresh(queries.doomed()) : [])]);
  });
  const containers = openContainerQueries(log.reader);
  const lost = queries.madeForContainers().filter(({ container }) => {
    return container !== null && containers.get(container) === undefined;
  });
  remove(fresh([...queries.doomed(), ...lost]));
}
