/** The runtimes of the configuration: made usable, resolved for a start, and cleared away. */
import type { Logger } from 'pino';
import { OptionError } from '../cli/optionError.ts';
import type { Options } from '../cli/options.ts';
import { runtimeVersion } from '../effects/host/facts.ts';
import { type FeaturesCache, prepareRuntimes } from '../effects/runtimes/prepare.ts';
import { RuntimeConfigError } from '../effects/runtimes/runtimeConfigError.ts';
import { type RuntimeTable, runtimeTable } from '../effects/runtimes/table.ts';
import { removeWrappersBut, wrapperDirectory } from '../effects/runtimes/wrapper.ts';
import type { LockedRuntime } from '../machines/container.config.ts';
import type { ContainerContext } from '../machines/container.context.ts';
import { containerStream, phaseOf } from '../machines/container.decide.ts';
import { openContainerQueries } from '../projections/containerQueries.ts';
import type { OpenedLog } from '../store/log.ts';

/** What the options say of runtimes, as it can be used. */
export interface Runtimes {
  readonly table: RuntimeTable;
  /** JSON that each OCI runtime tells of itself, by name; most old ones tell nothing. */
  readonly features: ReadonlyMap<string, string>;
}

const asked: FeaturesCache = new Map();

/** Pure: for `--validate`, too. @throws OptionError */
export function tableOf(options: Options, cgroupDriver: 'cgroupfs' | 'systemd'): RuntimeTable {
  try {
    return runtimeTable(options.runtimes, options.defaultRuntime, {
      execRoot: options.execRoot,
      cgroupDriver,
      wrappers: wrapperDirectory(options.dataRoot),
      noPivotRoot: (process.env['DOCKER_RAMDISK'] ?? '') !== '',
    });
  } catch (error) {
    if (error instanceof RuntimeConfigError) throw new OptionError(error.message);
    throw error;
  }
}

/** When it resolves they can be used; what is missing is told. @throws OptionError */
export async function usableRuntimes(
  options: Options,
  cgroupDriver: 'cgroupfs' | 'systemd',
  journal: Pick<Logger, 'warn'>,
): Promise<Runtimes> {
  const table = tableOf(options, cgroupDriver);
  const { features, warnings } = await prepareRuntimes(
    table,
    wrapperDirectory(options.dataRoot),
    asked,
  );
  for (const warning of [...table.warnings, ...warnings]) journal.warn(warning);
  return Object.freeze({ table, features });
}

/** Of the default runtime, if it tells its version as runc does. */
export function defaultVersion({ table }: Runtimes): ReturnType<typeof runtimeVersion> {
  const locked = table.byName.get(table.defaultRuntime)?.locked;
  return runtimeVersion(locked?.options.binaryName || 'runc');
}

/** Of the program that a run is locked to, whatever its name means by now. */
export function featuresOf(
  { table, features }: Runtimes,
  { options }: LockedRuntime,
): string | undefined {
  const same = [...table.byName].find(
    ([, { path, locked }]) => path !== null && locked.options.binaryName === options.binaryName,
  );
  return same === undefined ? undefined : features.get(same[0]);
}

/** Phases in which nothing of a run is left that its runtime could be asked about. */
const AT_REST = new Set(['creating', 'created.clean', 'exited.clean', 'removed']);

/**
 * Removes the scripts that neither this configuration nor a container with anything left of a run
 * refers to. Only at the start of the daemon: nobody is being started then.
 */
export function clearWrappers(
  { dataRoot }: Options,
  { table }: Runtimes,
  log: OpenedLog,
): readonly string[] {
  const kept = new Set<string>();
  for (const { wrapper } of table.byName.values()) if (wrapper !== null) kept.add(wrapper.sha256);
  for (const { id } of openContainerQueries(log.reader).list()) {
    const state = log.readable(containerStream(id));
    // Of one that can not be read nobody knows what it needs: everything stays.
    if (state === undefined) return [];
    const context: Partial<ContainerContext> = Object(state.context);
    if (AT_REST.has(phaseOf({ value: state.value, context }))) continue;
    const { runtime, restartWith } = context;
    for (const locked of [runtime, restartWith]) {
      if (locked?.wrapper !== undefined) kept.add(locked.wrapper.sha256);
    }
  }
  return removeWrappersBut(wrapperDirectory(dataRoot), kept);
}
