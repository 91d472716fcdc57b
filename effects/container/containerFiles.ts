/** The files of a container's directory that it finds bind-mounted in its /etc. */
import type { ContainerContext } from '../../machines/container.context.ts';
import { hostnameOf } from '../spec/hostname.ts';
import type { ContainerDeps } from './deps.ts';
import { hostnameFile, hostsFile, resolvConfFile, withNameDefaults } from './networkFiles.ts';
import { type ContainerPaths, containerPaths } from './paths.ts';
import { together } from './together.ts';

export type ContainerFilesDeps = Pick<
  ContainerDeps,
  'system' | 'network' | 'roots' | 'host' | 'hostFiles' | 'defaults'
>;

/** Paths on the host of what a container sees in its /etc. */
export type SeenFiles = Pick<ContainerPaths, 'hosts' | 'hostname' | 'resolvConf'>;

/**
 * For a copy, which may come before the first start. The container's root is held meanwhile.
 * @returns what it saw in its last run, or will see in its first
 */
export async function ensureContainerFiles(
  deps: ContainerFilesDeps,
  container: ContainerContext,
): Promise<SeenFiles> {
  const paths = containerPaths(deps.roots, container.id);
  const made = container.everStarted || container.adopted !== undefined;
  // The last to be written: a crash may have come in between.
  if (made || (await deps.system.files.exists(paths.resolvConf))) {
    return { ...paths, ...(await joinedFiles(deps, container)) };
  }
  return await writeContainerFiles(deps, container);
}

/**
 * Makes the directory and writes the files anew: each start sees the host as it is then. The files
 * are rewritten in place, because a bind mount shows the file and not its name.
 */
export async function writeContainerFiles(
  deps: ContainerFilesDeps,
  container: ContainerContext,
): Promise<ContainerPaths> {
  const paths = containerPaths(deps.roots, container.id);
  const host = deps.hostFiles();
  const names = deps.network.namesFor(container);
  const { files } = deps.system;
  await files.makeDirectories(paths.directory, 0o710);
  const write = (path: string, text: string): Promise<void> =>
    files.writeText(path, text, { mode: 0o644 });
  await together(
    write(paths.hosts, hostsFile(container.hostConfig, host, names)),
    write(paths.hostname, hostnameFile(hostnameOf({ container, host: deps.host }))),
  );
  const named = withNameDefaults(container.hostConfig, deps.defaults().names);
  await write(paths.resolvConf, resolvConfFile(named, host, names));
  return { ...paths, ...(await joinedFiles(deps, container)) };
}

/** Who joins another's network sees the other's files; one that was adopted may have none. */
async function joinedFiles(
  { roots, system: { files } }: Pick<ContainerDeps, 'roots' | 'system'>,
  { donors }: ContainerContext,
): Promise<Partial<SeenFiles>> {
  const donor = donors?.network;
  if (donor === undefined || 'missing' in donor || donor.files === undefined) return {};
  const { hosts, hostname, resolvConf } = containerPaths(roots, donor.files);
  return (await files.exists(hosts)) ? { hosts, hostname, resolvConf } : {};
}
