/**
 * A real dockerd beside ours: found on the PATH or by SHIPLOG_DOCKERD, with everything of its own
 * under one temporary directory, no bridge, no firewall rules. It is ended by its pid.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { isAlive, mountMemory, mountsOf, signal, sweep, within } from '../support/leftovers.ts';
import { ask } from './ask.ts';

export interface Dockerd {
  readonly dir: string;
  readonly socket: string;
  /** Ends it by SIGTERM, and starts it again on the same directories with this configuration. */
  restart(config: object): Promise<void>;
  stop(): Promise<void>;
}

const READY_MS = 40_000;
const END_MS = 20_000;

/** Path of the program, or undefined: then there is nothing to compare with. */
export function findDockerd(): string | undefined {
  const named = process.env['SHIPLOG_DOCKERD'];
  if (named !== undefined && named !== '') return existsSync(named) ? named : undefined;
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'dockerd'))
    .find((path) => existsSync(path));
}

/** Of the host's network it has nothing; in a namespace of its own it does as it is used to. */
const UNPLUGGED = { iptables: 'false', bridge: 'none' };

interface Launch {
  readonly binary: string;
  readonly dir: string;
  readonly log: string;
  /** Name of the network namespace that it is to have; undefined: none, and no network. */
  readonly namespace: string | undefined;
  /** Folder of programs that it finds before all others; undefined: there is none. */
  readonly programs: string | undefined;
}

function launch({ binary, dir, log, namespace, programs }: Launch, given: object): ChildProcess {
  const config = join(dir, 'daemon.json');
  // Without this it would leave a key in /etc/docker.
  const kept = { 'deprecated-key-path': join(dir, 'key.json') };
  writeFileSync(config, JSON.stringify({ ...kept, ...given }));
  const flags = {
    'data-root': join(dir, 'data'),
    'exec-root': join(dir, 'exec'),
    pidfile: join(dir, 'dockerd.pid'),
    host: `unix://${join(dir, 'dockerd.sock')}`,
    'config-file': config,
    'storage-driver': 'overlay2',
    ...(namespace === undefined ? UNPLUGGED : {}),
  };
  const out = openSync(log, 'a');
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  // A dockerd that was only unpacked has its helpers beside it.
  const path = [programs ?? [], dirname(binary), process.env['PATH'] ?? ''].flat();
  const env = { ...process.env, PATH: path.join(delimiter) };
  // Not by ip netns exec, which would mount another /sys, without control groups.
  const within = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`];
  const [program = binary, ...words] = [...within, binary, ...args];
  const child = spawn(program, words, { stdio: ['ignore', out, out], cwd: dir, env });
  closeSync(out);
  return child;
}

async function clear(dir: string): Promise<void> {
  const left = await sweep(dir);
  if (mountsOf(dir).length === 0) rmSync(dir, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`);
}

/**
 * Starts it and resolves when it answers; throws with its output if it does not.
 * @param given goes into its configuration file
 * @param namespace a network namespace for it, which is there; absent: it has no network
 * @param programs a folder of programs that it finds before all others
 * @param inMemory whether its exec-root is, as /run is on a Debian host
 */
export async function startDockerd(
  binary: string,
  given: object = {},
  namespace?: string,
  programs?: string,
  inMemory = false,
): Promise<Dockerd> {
  const dir = mkdtempSync(join(tmpdir(), 'dockerd-'));
  if (inMemory) mountMemory(join(dir, 'exec'));
  const log = join(dir, 'dockerd.log');
  const socket = join(dir, 'dockerd.sock');
  let child: ChildProcess | undefined;
  const answers = async (): Promise<boolean> => {
    if (!existsSync(socket)) return false;
    const ping = ask(socket, { method: 'GET', path: '/_ping' });
    // It may still be at work on its network: whoever connects then is let go of.
    return await ping.then(({ status }) => status === 200).catch(() => false);
  };
  const end = async (): Promise<void> => {
    const pid = child?.pid ?? 0;
    signal(pid, 'SIGTERM');
    await within(END_MS, () => !isAlive(pid));
  };
  const stop = async (): Promise<void> => {
    await end();
    await clear(dir);
  };
  const start = async (config: object): Promise<void> => {
    const started = launch({ binary, dir, log, namespace, programs }, config);
    child = started;
    const over = (): boolean => started.exitCode !== null;
    if ((await within(READY_MS, async () => over() || (await answers()))) && !over()) return;
    const output = readFileSync(log, 'utf8').slice(-4_000);
    await stop();
    throw new Error(`dockerd did not get ready:\n${output}`);
  };
  const restart = async (config: object): Promise<void> => {
    await end();
    await start(config);
  };
  await start(given);
  return { dir, socket, restart, stop };
}
