/** A bridge of the administrator's (`--bridge`): whether it is there, and what address it has. */
import { execFileSync } from 'node:child_process';
import { linkExists } from '../network/ipTool.ts';
import { StartRefused } from '../system/startRefused.ts';

const DEADLINE_MS = 5_000;

/** @returns its first IPv4 address with the length of the prefix; null: it has none, or is none */
export function bridgeAddress(bridge: string): string | null {
  if (!linkExists(bridge)) return null;
  const asked = ['-o', '-4', 'addr', 'show', 'dev', bridge, 'scope', 'global'];
  const told = execFileSync('ip', asked, { encoding: 'utf8', timeout: DEADLINE_MS });
  return /\sinet (\S+)/.exec(told)?.[1] ?? null;
}

/** @throws StartRefused in dockerd's words: a name that nothing bears is a mistake in it */
export function demandBridge(bridge: string): void {
  if (linkExists(bridge)) return;
  throw new StartRefused(
    `error creating default "bridge" network: bridge device with non default name ${bridge} ` +
      'must be created manually',
  );
}
