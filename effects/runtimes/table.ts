/**
 * All runtimes of one configuration, resolved once: what each name is locked to. A value; nothing
 * is written or run here.
 */
import type { LockedRuntime } from '../../machines/container.config.ts';
import type { JsonObject } from '../../machines/words.ts';
import { NO_OPTIONS, RUNC_SHIM, shimOptions } from './shimOptions.ts';
import { splitByDockerd, type Wrapper, wrapperOf } from './wrapper.ts';

/** As the configuration file has it. */
export interface GivenRuntime {
  readonly path?: string;
  readonly runtimeArgs?: readonly string[];
  readonly runtimeType?: string;
  readonly options?: JsonObject;
}

export interface RuntimeSettings {
  readonly execRoot: string;
  readonly cgroupDriver: 'cgroupfs' | 'systemd';
  /** Where wrapper scripts lie. */
  readonly wrappers: string;
  /** On a root of memory alone no root can be pivoted away. */
  readonly noPivotRoot: boolean;
}

export interface Runtime {
  readonly locked: LockedRuntime;
  /** Of an OCI runtime under runc's shim, as the user named it; null: a shim of its own. */
  readonly path: string | null;
  readonly arguments: readonly string[];
  readonly wrapper: Wrapper | null;
}

export interface RuntimeTable {
  readonly defaultRuntime: string;
  readonly byName: ReadonlyMap<string, Runtime>;
  /** What its writer may expect otherwise. */
  readonly warnings: readonly string[];
}

/** Names that always resolve; both mean runc under containerd's own shim. */
export const STOCK_RUNTIMES: readonly string[] = ['runc', RUNC_SHIM];
export const DEFAULT_RUNTIME = 'runc';

/** @throws RuntimeConfigError for options that do not fit their shim */
export function runtimeTable(
  given: Readonly<Record<string, GivenRuntime>>,
  defaultRuntime: string,
  settings: RuntimeSettings,
): RuntimeTable {
  const warnings: string[] = [];
  const warn = (text: string): void => void warnings.push(text);
  const stock = STOCK_RUNTIMES.map((name): [string, Runtime] => [
    name,
    ofPath(name, { path: 'runc' }, settings, warn),
  ]);
  const configured = Object.entries(given).map(([name, runtime]): [string, Runtime] => [
    name,
    runtime.path ? ofPath(name, runtime, settings, warn) : ofType(name, runtime, warn),
  ]);
  return { defaultRuntime, byName: new Map([...stock, ...configured]), warnings };
}

type Warn = (text: string) => void;

function ofPath(
  name: string,
  { path = '', runtimeArgs = [] }: GivenRuntime,
  settings: RuntimeSettings,
  warn: Warn,
): Runtime {
  const wrapper = runtimeArgs.length > 0 ? wrapperOf(settings.wrappers, path, runtimeArgs) : null;
  for (const argument of runtimeArgs.filter(splitByDockerd)) {
    warn(
      `runtime ${name}: ${JSON.stringify(argument)} is passed on as one argument; ` +
        'dockerd leaves it to a shell',
    );
  }
  const options = {
    binaryName: wrapper?.file ?? path,
    root: `${settings.execRoot}/runtime-runc`,
    systemdCgroup: settings.cgroupDriver === 'systemd',
    ...(settings.noPivotRoot ? { noPivotRoot: true } : {}),
  };
  const locked = { name, shim: RUNC_SHIM, options };
  if (wrapper === null) return { locked, path, arguments: runtimeArgs, wrapper };
  const { sha256 } = wrapper;
  return {
    locked: { ...locked, wrapper: { sha256, path, arguments: runtimeArgs } },
    path,
    arguments: runtimeArgs,
    wrapper,
  };
}

function ofType(name: string, { runtimeType = '', options }: GivenRuntime, warn: Warn): Runtime {
  const { ignored, ...encoded } = shimOptions(name, runtimeType, options ?? {});
  if (ignored.length > 0) {
    warn(`runtime ${name}: ${runtimeType} has no options ${ignored.join(', ')}: they are ignored`);
  }
  return {
    locked: { name, shim: runtimeType, ...encoded },
    path: null,
    arguments: [],
    wrapper: null,
  };
}

export const verbatim = (name: string): LockedRuntime => ({
  name,
  shim: name,
  options: NO_OPTIONS,
});
