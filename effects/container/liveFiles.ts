/**
 * /etc/hosts and /etc/resolv.conf of a container that runs, when its place in networks, or that of
 * one it is linked to, has changed. What it wrote there itself stays. They are written in place, so
 * that a daemon that is killed meanwhile leaves an empty one: that is made as a whole.
 */
import type { HostConfig } from '../../machines/container.config.ts';
import type { ContainerContext } from '../../machines/container.context.ts';
import { textList } from '../spec/hostFields.ts';
import type { ContainerDeps } from './deps.ts';
import {
  type HostFiles,
  hostsFile,
  type NetworkNames,
  ownNames,
  RESOLVER,
  resolvConfFile,
  withNameDefaults,
} from './networkFiles.ts';
import { containerPaths } from './paths.ts';

export type LiveFilesDeps = Pick<
  ContainerDeps,
  'system' | 'network' | 'roots' | 'hostFiles' | 'defaults'
>;

/** @param without a network that the run is about to leave */
export async function renewNetworkFiles(
  deps: LiveFilesDeps,
  container: ContainerContext,
  without?: string,
): Promise<void> {
  const { hosts, resolvConf } = containerPaths(deps.roots, container.id);
  const names = deps.network.namesFor(container, without);
  const host = deps.hostFiles();
  const { hostConfig } = container;
  await renew(deps, hosts, (text) =>
    text === '' ? hostsFile(hostConfig, host, names) : renewedHosts(text, container, names),
  );
  const named = withNameDefaults(hostConfig, deps.defaults().names);
  await renew(deps, resolvConf, (text) =>
    text === '' ? resolvConfFile(named, host, names) : renewedResolvConf(text, named, host, names),
  );
}

async function renew(
  { system: { files } }: LiveFilesDeps,
  path: string,
  renewed: (text: string) => string,
): Promise<void> {
  const text = await files.readText(path);
  if (text === undefined) return;
  const now = renewed(text);
  if (now !== text) await files.writeText(path, now, { mode: 0o644 });
}

/** The lines for its own name and for those of its links are made anew. */
export function renewedHosts(
  text: string,
  container: Pick<ContainerContext, 'id' | 'config' | 'hostConfig'>,
  { entries }: NetworkNames,
): string {
  const links = textList(container.hostConfig, 'Links');
  const aliases = links.map((link) => (link.split(':').at(-1) ?? '').replace(/^.*\//, ''));
  const ours = new Set([ownNames(container), ...aliases].map((names) => names.split(' ')[0]));
  const given = textList(container.hostConfig, 'ExtraHosts').map((one) => one.split(/[:=]/)[0]);
  const kept = text.split('\n').filter((line) => {
    const [, first = ''] = line.split(/\s+/);
    return line !== '' && (!ours.has(first) || given.includes(first));
  });
  const made = entries.map(([address, names]) => `${address}\t${names}`);
  return [...kept, ...made].map((line) => `${line}\n`).join('');
}

/** Once names are answered it says so, and goes on to: whoever answers asks the others. */
export function renewedResolvConf(
  text: string,
  hostConfig: HostConfig,
  host: HostFiles,
  names: NetworkNames,
): string {
  if (!names.resolves || text.includes(`nameserver ${RESOLVER}\n`)) return text;
  const before = resolvConfFile(hostConfig, host, { ...names, resolves: false });
  return text === before ? resolvConfFile(hostConfig, host, names) : text;
}
