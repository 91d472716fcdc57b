/**
 * Who is measured: shiplog, dockerd where it is installed, and containerd alone, each with busybox
 * loaded. They run at the same time and take turns, so that what else the machine does hits all.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findDockerd, startDockerd } from '../differential/dockerd.ts';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { type Ran, run, startTemporaryDaemon } from '../support/temporaryDaemon.ts';
import { type Engine, engineAt } from './engine.ts';
import { loadInto } from './load.ts';
import { type RawEngine, rawContainerd } from './rawContainerd.ts';

/** One that speaks the Engine API. */
export interface Contender {
  readonly name: string;
  readonly engine: Engine;
  readonly socket: string;
  /** All that it has lies under it; its processes name it in their command line. */
  readonly dir: string;
  /** The docker command, pointed at it. */
  docker(...args: readonly string[]): Promise<Ran>;
}

export interface Contenders {
  /** shiplog first. */
  readonly engines: readonly Contender[];
  readonly raw: RawEngine;
  stop(): Promise<void>;
}

/** Who answers at a socket. */
export function contender(name: string, socket: string, dir: string): Contender {
  const DOCKER_CONFIG = join(dir, 'client');
  mkdirSync(DOCKER_CONFIG);
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG };
  const docker = (...args: readonly string[]) => run('docker', args, { env });
  return { name, engine: engineAt(name, socket), socket, dir, docker };
}

export async function startContenders(): Promise<Contenders> {
  const { archive } = await buildBusyboxImage({ repoTags: ['busybox:latest'] });
  const daemon = await startTemporaryDaemon({ asInstalled: true });
  const binary = findDockerd();
  const dockerd =
    binary === undefined ? undefined : await startDockerd(binary, {}, undefined, undefined, true);
  if (dockerd === undefined) console.log('no dockerd on PATH nor in SHIPLOG_DOCKERD: left out');
  const engines = [contender('shiplog', daemon.socket, daemon.dir)];
  if (dockerd !== undefined) {
    engines.push(contender('dockerd', dockerd.socket, dirname(dockerd.socket)));
  }
  for (const { socket } of engines) await loadInto(socket, archive);
  const address = join(daemon.execRoot, 'containerd', 'containerd.sock');
  const scratch = join(daemon.dataRoot, 'bench');
  const raw = await rawContainerd(address, archive, scratch);
  return {
    engines,
    raw,
    async stop() {
      raw.close();
      for (const { engine } of engines) engine.close();
      await dockerd?.stop();
      rmSync(scratch, { recursive: true, force: true });
      await daemon.stop();
    },
  };
}
