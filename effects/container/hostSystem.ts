/** The machine that the daemon runs on, as the handlers see it. */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { lstat, mkdir, readFile, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { lookPath } from '../runtimes/lookPath.ts';
import { nowNs, sleep } from '../system/clock.ts';
import { makeDirectoriesIn, readFileIn } from '../system/confined.ts';
import { controlGroupMoves } from '../system/controlGroupMoves.ts';
import { endControlGroup } from '../system/controlGroups.ts';
import { deviceNode, devicesBelow } from '../system/devices.ts';
import { codeOf } from '../system/libc.ts';
import { isMounted, mount, unmount } from '../system/mounts.ts';
import { isAlive, killGroup, signalProcess, startTime } from '../system/process.ts';
import type { FilesPort, SystemPort } from './systemPort.ts';

const files: FilesPort = {
  async makeDirectories(path, mode) {
    await mkdir(path, { recursive: true, mode });
  },
  isDirectory: async (path) => (await orMissing(lstat(path)))?.isDirectory() ?? false,
  exists: async (path) => existsSync(path),
  changedNs: async (path) => statSync(path, { bigint: true, throwIfNoEntry: false })?.ctimeNs,
  readText: (path) => orMissing(readFile(path, 'utf8')),
  writeText: (path, text, { mode, fresh = false }) =>
    writeFile(path, text, { mode, flag: fresh ? 'wx' : 'w' }),
  makeLink: (path, target) => symlink(target, path),
  async remove(path) {
    // What is not there is not worth a thread.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    await rm(path, { recursive: true, force: true });
  },
  async removeDirectory(path) {
    await orMissing(rmdir(path));
  },
};

async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export const hostSystem: SystemPort = {
  nowNs,
  sleep,
  files,
  mounts: { isMounted, mount, unmount },
  confined: { readFile: readFileIn, makeDirectories: makeDirectoriesIn },
  programs: { lookUp: (program) => lookPath(program, process.env['PATH'] ?? '') },
  controlGroups: { end: endControlGroup, expectMoves: controlGroupMoves() },
  devices: { node: deviceNode, below: devicesBelow },
  processes: {
    startTime,
    isAlive,
    kill: (pid, started) => void signalProcess(pid, started, 'SIGKILL'),
    killGroup,
  },
};
