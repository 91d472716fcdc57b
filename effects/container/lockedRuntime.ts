/**
 * The locked runtime as containerd's record holds it (law 10: exactly that, nothing looked up
 * again).
 */
import type { LockedRuntime } from '../../machines/container.config.ts';
import { encodeGenericOptions, encodeRuncOptions } from '../containerd/any.ts';
import type { NewContainer } from '../containerd/types.ts';
import { hasOptions } from '../runtimes/resolve.ts';

export function runtimeOf(runtime: LockedRuntime): NewContainer['runtime'] {
  const { shim, generic, options } = runtime;
  if (generic !== undefined) return { name: shim, options: encodeGenericOptions(generic) };
  if (!hasOptions(runtime)) return { name: shim };
  return { name: shim, options: encodeRuncOptions(options) };
}
