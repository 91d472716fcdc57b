/**
 * A real daemon with the busybox image loaded, for end-to-end specs, and its end: every container
 * removed as a user would, nothing of them left in the world, and no process of the daemon's.
 */
import assert from 'node:assert/strict';
import { type BusyboxImage, buildBusyboxImage } from './busyboxImage.ts';
import { processesOf, within } from './leftovers.ts';
import {
  type DaemonOptions,
  type Ran,
  startTemporaryDaemon,
  type TemporaryDaemon,
} from './temporaryDaemon.ts';

export async function startLoadedDaemon(
  options: DaemonOptions = {},
  image: BusyboxImage = {},
): Promise<TemporaryDaemon> {
  const daemon = await startTemporaryDaemon(options);
  await loadImage(daemon, image);
  return daemon;
}

/** `docker load`; gives the image's id. */
export async function loadImage(daemon: TemporaryDaemon, image: BusyboxImage = {}) {
  const { archive, id } = await buildBusyboxImage(image);
  success(await daemon.dockerWith({ input: archive }, 'load'));
  return id;
}

/** Standard output of a command that must succeed, without its last newline. */
export function success(ran: Ran): string {
  assert.equal(ran.code, 0, `exit ${ran.code}: ${ran.stderr}${ran.stdout}`);
  return ran.stdout.trimEnd();
}

export async function removeAll(daemon: TemporaryDaemon): Promise<void> {
  const ids = success(await daemon.docker('ps', '-aq'))
    .split('\n')
    .filter(Boolean);
  if (ids.length > 0) success(await daemon.docker('rm', '-f', ...ids));
}

/**
 * What containers have left behind, given a moment: a shim ends a little after its container, and
 * the kernel takes links away when it has time.
 */
export async function leftBehind(daemon: TemporaryDaemon): Promise<readonly string[]> {
  await within(15_000, () => daemon.leaks().length === 0);
  return daemon.leaks();
}

/** The orderly end: what has to be true after every spec is asserted here. */
export async function finish(daemon: TemporaryDaemon): Promise<void> {
  try {
    await removeAll(daemon);
    assert.deepEqual(await leftBehind(daemon), []);
    await daemon.terminate();
    await within(5_000, () => processesOf(daemon.dir).length === 0);
    const processes = processesOf(daemon.dir).map(({ command }) => command);
    assert.deepEqual(processes, [], 'an orderly stop without containers leaves no process');
  } finally {
    await daemon.stop();
  }
}
