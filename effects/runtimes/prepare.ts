/**
 * Makes the runtimes of a configuration usable: wrapper scripts are written, and each OCI runtime
 * is asked for its features. A runtime that is not installed is no error: it may come.
 */
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { promisify } from 'node:util';
import { lookPath } from './lookPath.ts';
import type { Runtime, RuntimeTable } from './table.ts';
import { writeWrapper } from './wrapper.ts';

export interface Preflight {
  /** What `RUNTIME features` printed, by name; absent: it has no such command, or is no runc. */
  readonly features: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

const FEATURES_MS = 5_000;

/**
 * What programs said of themselves, by the program as it lies on the disk: a reload asks only those
 * that are new. A promise, so that two names of one program ask once.
 */
export type FeaturesCache = Map<string, Promise<string | undefined>>;

/** @throws what writing the scripts throws; nothing is half written then */
export async function prepareRuntimes(
  table: RuntimeTable,
  wrappers: string,
  cache: FeaturesCache,
): Promise<Preflight> {
  const all = [...table.byName];
  for (const [, { wrapper }] of all) if (wrapper !== null) writeWrapper(wrappers, wrapper);
  const features = new Map<string, string>();
  const warnings: string[] = [];
  const used = new Set<string>();
  await Promise.all(
    all.map(async ([name, runtime]) => {
      if (runtime.path === null) return;
      const looked = lookPath(runtime.path, process.env['PATH'] ?? '');
      if (looked.kind === 'missing') {
        warnings.push(`runtime ${name}: ${looked.message}`);
        return;
      }
      const key = keyOf(runtime, looked.file);
      used.add(key);
      const asked = cache.get(key) ?? featuresOf(runtime);
      cache.set(key, asked);
      const said = await asked;
      if (said !== undefined) features.set(name, said);
    }),
  );
  for (const key of cache.keys()) if (!used.has(key)) cache.delete(key);
  return { features, warnings };
}

function keyOf({ locked }: Runtime, file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  const version = [stat?.ino, stat?.mtimeMs, stat?.size];
  return JSON.stringify([locked.options.binaryName, file, ...version]);
}

/** One line of JSON. */
async function featuresOf({ locked }: Runtime): Promise<string | undefined> {
  try {
    const asked = promisify(execFile)(locked.options.binaryName, ['features'], {
      timeout: FEATURES_MS,
      killSignal: 'SIGKILL',
    });
    return JSON.stringify(JSON.parse((await asked).stdout));
  } catch (error) {
    // Most runtimes have no such command; what they answer then is anything.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
