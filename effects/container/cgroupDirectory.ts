/** From a spec's `cgroupsPath` to the directory that the runtime makes of it. */
import { join } from 'node:path';

/** systemd's `<slice>:<prefix>:<name>` is a scope below the slices that the dashes spell out. */
export function groupDirectory(path: string, driver: 'cgroupfs' | 'systemd'): string {
  if (driver === 'cgroupfs') return path;
  const [slice = '', prefix = '', name = ''] = path.split(':');
  const parts = slice.replace(/\.slice$/, '').split('-');
  const slices = parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`);
  return join(...slices, `${prefix}-${name}.scope`);
}
