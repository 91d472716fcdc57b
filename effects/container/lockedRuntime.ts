/**
 * The locked runtime as containerd's record holds it (law 10: exactly that, nothing looked up
 * again).
 */
import type { LockedRuntime } from '../../machines/container.config.ts';
import { encodeRuncOptions } from '../containerd/any.ts';
import type { NewContainer } from '../containerd/types.ts';
import { hasOptions } from '../runtimes/resolve.ts';

export function runtimeOf(runtime: LockedRuntime): NewContainer['runtime'] {
  if (!hasOptions(runtime)) return { name: runtime.shim };
  return { name: runtime.shim, options: encodeRuncOptions(runtime.options) };
}
