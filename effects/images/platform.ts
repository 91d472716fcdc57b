/** The platform of this host, in the names that images use. */
import { arch } from 'node:os';
import type { Platform } from './archiveLayout.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
};

export function hostPlatform(): Platform {
  const name = arch();
  return { os: 'linux', architecture: ARCHITECTURES[name] ?? name };
}
