/**
 * From the name of a runtime to what is locked into a start (law 10). Names are checked because
 * containerd takes an absolute path as the path of a binary to run as root.
 */
import type { LockedRuntime } from '../../machines/container.config.ts';

export interface RuntimeSettings {
  readonly execRoot: string;
  readonly cgroupDriver: 'cgroupfs' | 'systemd';
}

/** Names that always resolve; both mean runc under containerd's own shim. */
export const STOCK_RUNTIMES: readonly string[] = ['runc', 'io.containerd.runc.v2'];
export const DEFAULT_RUNTIME = 'runc';

const RUNC_SHIM = 'io.containerd.runc.v2';

/**
 * @param name as in HostConfig.Runtime; empty: the default
 * @returns undefined if there is no such runtime and the name may not go to containerd as it is.
 *   Whether a shim of a verbatim name is installed is found out by containerd at start.
 */
export function resolveRuntime(name: string, settings: RuntimeSettings): LockedRuntime | undefined {
  const wanted = name === '' ? DEFAULT_RUNTIME : name;
  if (STOCK_RUNTIMES.includes(wanted)) {
    return {
      name: wanted,
      shim: RUNC_SHIM,
      options: {
        binaryName: 'runc',
        root: `${settings.execRoot}/runtime-runc`,
        systemdCgroup: settings.cgroupDriver === 'systemd',
      },
    };
  }
  if (!isPermissible(wanted)) return undefined;
  return { name: wanted, shim: wanted, options: NO_OPTIONS };
}

/** A shim named verbatim gets no options: what is empty here is not sent. */
const NO_OPTIONS = { binaryName: '', root: '', systemdCgroup: false } as const;

/** No `/` anywhere, a `.` somewhere, and something before the first one. */
function isPermissible(name: string): boolean {
  return !name.includes('/') && name.indexOf('.') > 0;
}

/** Whether the options say anything; if not, containerd is given none. */
export function hasOptions(runtime: LockedRuntime): boolean {
  const { binaryName, root, systemdCgroup } = runtime.options;
  return binaryName !== '' || root !== '' || systemdCgroup;
}
