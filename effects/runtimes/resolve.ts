/**
 * From the name of a runtime to what is locked into a start (law 10). Names are checked because
 * containerd runs the binary at an absolute path as root, whoever asked for it.
 */
import type { LockedRuntime } from '../../machines/container.config.ts';
import { lookPath } from './lookPath.ts';
import { type RuntimeTable, verbatim } from './table.ts';

export type ResolvedRuntime =
  | { readonly kind: 'found'; readonly runtime: LockedRuntime }
  /** No such runtime, and the name may not go to containerd as it is. */
  | { readonly kind: 'unknown' }
  /** The program behind a wrapper is not there. */
  | { readonly kind: 'missing'; readonly message: string };

/**
 * Whether a shim of a verbatim name, or a runtime without a wrapper, is installed is found out by
 * containerd at start; behind a wrapper nobody would say which program it is that is missing.
 * @param name as in HostConfig.Runtime; empty: the default
 */
export function resolveRuntime(name: string, table: RuntimeTable): ResolvedRuntime {
  const wanted = name === '' ? table.defaultRuntime : name;
  const known = table.byName.get(wanted);
  if (known === undefined) {
    if (!isPermissible(wanted)) return { kind: 'unknown' };
    return { kind: 'found', runtime: verbatim(wanted) };
  }
  if (known.wrapper !== null) {
    const looked = lookPath(known.path ?? '', process.env['PATH'] ?? '');
    if (looked.kind === 'missing') {
      const message = `error while looking up the specified runtime path: ${looked.message}`;
      return { kind: 'missing', message };
    }
  }
  return { kind: 'found', runtime: known.locked };
}

/** No `/` anywhere, a `.` somewhere, and something before the first one. */
function isPermissible(name: string): boolean {
  return !name.includes('/') && name.indexOf('.') > 0;
}

/** Whether the options say anything; if not, containerd is given none. */
export function hasOptions({ options, generic }: LockedRuntime): boolean {
  if (generic !== undefined) return true;
  return Object.values(options).some((value) => value !== '' && value !== false);
}
