/**
 * Rules of the device cgroup. The runtime adds by itself what it makes in /dev (full, ptmx, the
 * pseudo terminals) and the right to make nodes.
 */
import type { OciDeviceRule } from './types.ts';

/** Character devices that every container may use, by major and minor number. */
const ALLOWED: readonly (readonly [major: number, minor: number])[] = [
  [1, 5], // zero
  [1, 3], // null
  [1, 9], // urandom
  [1, 8], // random
  [5, 0], // tty
  [5, 1], // console
];

/** fuse: denied by name, because a mount made through it would outlive the container's limits. */
const DENIED = [10, 229] as const;

export function deviceRules(privileged: boolean): readonly OciDeviceRule[] {
  if (privileged) return [{ allow: true, access: 'rwm' }];
  return [
    { allow: false, access: 'rwm' },
    ...ALLOWED.map(([major, minor]) => rule(true, major, minor)),
    rule(false, DENIED[0], DENIED[1]),
  ];
}

function rule(allow: boolean, major: number, minor: number): OciDeviceRule {
  return { allow, type: 'c', major, minor, access: 'rwm' };
}
