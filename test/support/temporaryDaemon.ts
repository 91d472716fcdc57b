/**
 * A real daemon for end-to-end specs: `main.ts` as its own process with everything under one
 * temporary directory, and the docker command pointed at it. `stop` takes all of it away again and
 * fails if something stays behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { namesOf } from '../../machines/network.names.ts';
import { ROOT } from '../tidy/project.ts';
import { containerGroups, type LogOwner, sweepGroups } from './controlGroups.ts';
import { containerNetworks, poolFlags, sweepNetworks } from './hostNetworks.ts';
import { mountMemory, mountsOf, processesOf, sweep, within } from './leftovers.ts';

export interface Ran {
  /** Exit status; 128+n if it was ended by signal n of a time-out. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Given to its standard input, which is then closed; default: nothing. */
  readonly input?: string | Buffer;
  /** Default: 60 s. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface DaemonOptions {
  /** Further flags for main.ts. */
  readonly flags?: readonly string[];
  /** Default: 40 s. */
  readonly readyMs?: number;
  /** Further variables of every start. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * With the flags and the compile cache of cli/start.sh, and the exec-root in memory, as /run is
   * on a Debian host; for measurements.
   */
  readonly asInstalled?: boolean;
  /** Puts into the data root what is to be there before the first start. */
  readonly prepare?: (dataRoot: string) => Promise<void>;
}

export interface TemporaryDaemon {
  readonly dir: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly socket: string;
  /** Changes with a restart. */
  pid(): number;
  /** What the daemon printed so far. */
  output(): string;
  docker(...args: readonly string[]): Promise<Ran>;
  dockerWith(options: RunOptions, ...args: readonly string[]): Promise<Ran>;
  /** One HTTP request on the socket; the body, if any, is sent as JSON. */
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Ends the daemon alone, without a warning; containers run on. */
  kill9(): Promise<void>;
  /** Ends the daemon by SIGTERM, if it still runs; containers run on. */
  terminate(): Promise<void>;
  /** Ends the daemon by SIGTERM if it still runs, and starts it again on the same directories. */
  restart(): Promise<void>;
  /** Starts a daemon that may die in its boot. @returns whether it got ready */
  boot(): Promise<boolean>;
  /** Starts a daemon that is to die in its boot: it is killed after `afterMs`, ready or not. */
  killedInBoot(afterMs: number): Promise<void>;
  /** What containers have in the world now: empty once all of them are removed. */
  leaks(): readonly string[];
  /** Takes everything away; throws if something stays behind. */
  stop(): Promise<void>;
}

/** What cli/start.sh gives to node. */
function installation() {
  const nodeFlags = readFileSync(join(ROOT, 'cli', 'node.flags'), 'utf8')
    .trim()
    .split(/\s+/);
  const NODE_COMPILE_CACHE = join(ROOT, 'node_modules', '.cache', 'compile');
  return { nodeFlags, env: { NODE_COMPILE_CACHE } };
}

/** Starts a daemon and resolves when /readyz says so; throws with its output if it does not. */
export async function startTemporaryDaemon(options: DaemonOptions = {}): Promise<TemporaryDaemon> {
  const daemon = new Daemon(options);
  if (options.prepare !== undefined) {
    mkdirSync(daemon.dataRoot);
    await options.prepare(daemon.dataRoot);
  }
  await daemon.start();
  return daemon;
}

class Daemon implements TemporaryDaemon {
  readonly dir = mkdtempSync(join(tmpdir(), 'shiplog-'));
  readonly dataRoot = join(this.dir, 'data');
  readonly execRoot = join(this.dir, 'exec');
  readonly socket = join(this.execRoot, 'shiplog.sock');
  readonly #options: DaemonOptions;
  readonly #log = join(this.dir, 'daemon.log');
  readonly #pool = poolFlags();
  #owner: LogOwner | undefined;
  #prefix: string | undefined;
  #child: ChildProcess | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
    mkdirSync(join(this.dir, 'docker'));
    if (options.asInstalled === true) mountMemory(this.execRoot);
    // An empty one, so that a file of this machine is not read.
    writeFileSync(join(this.dir, 'daemon.json'), '{}');
  }

  #spawn(): void {
    const log = openSync(this.#log, 'a');
    const given = this.#options.flags ?? [];
    // Subnets of its own: daemons of other specs are on this host, too.
    const pool = given.some((one) => one.startsWith('--default-address-pool')) ? [] : this.#pool;
    const roots = ['--data-root', this.dataRoot, '--exec-root', this.execRoot, ...pool];
    const flags = ['--config-file', join(this.dir, 'daemon.json'), ...(this.#options.flags ?? [])];
    const installed = this.#options.asInstalled ? installation() : { nodeFlags: [], env: {} };
    const program = [...installed.nodeFlags, join(ROOT, 'main.ts')];
    const child = spawn(process.execPath, [...program, ...roots, ...flags], {
      stdio: ['ignore', log, log],
      cwd: this.dir,
      env: { ...process.env, ...installed.env, ...this.#options.env },
    });
    closeSync(log);
    this.#child = child;
  }

  async boot(): Promise<boolean> {
    this.#spawn();
    const ready = async () => this.#ended() || (await this.#isReady());
    return (await within(this.#options.readyMs ?? 40_000, ready)) && !this.#ended();
  }

  async start(): Promise<void> {
    if (await this.boot()) return await this.#learnNames();
    const end = this.#child?.exitCode ?? this.#child?.signalCode ?? null;
    const why = end === null ? 'did not get ready' : `ended with ${end}`;
    const output = this.output();
    await this.#clear();
    throw new Error(`the daemon ${why}; its output:\n${output.slice(-4_000)}`);
  }

  /** What its links and namespaces bear: made of the id of its log. */
  async #learnNames(): Promise<void> {
    const { body } = await this.request('GET', '/info');
    const daemonId: string = JSON.parse(body).ID;
    this.#prefix = namesOf(daemonId);
    this.#owner = { log: join(this.dataRoot, 'log.db'), daemonId };
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await this.request('GET', '/readyz')).status === 200;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const away = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EACCES'];
      if (away.includes(code ?? '')) return false;
      throw error;
    }
  }

  pid(): number {
    return this.#child?.pid ?? 0;
  }

  output(): string {
    return readFileSync(this.#log, 'utf8');
  }

  docker(...args: readonly string[]): Promise<Ran> {
    return this.dockerWith({}, ...args);
  }

  dockerWith(options: RunOptions, ...args: readonly string[]): Promise<Ran> {
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('DOCKER_'));
    const own = { DOCKER_HOST: `unix://${this.socket}`, DOCKER_CONFIG: join(this.dir, 'docker') };
    const env = { ...Object.fromEntries(kept), ...own, ...options.env };
    return run('docker', args, { ...options, env });
  }

  request(method: string, path: string, body?: unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = text === undefined ? {} : { 'content-type': 'application/json' };
      const options = { socketPath: this.socket, method, path, headers, timeout: 30_000 };
      const asked = httpRequest(options, (reply) => {
        buffer(reply).then(
          (bytes) => resolve({ status: reply.statusCode ?? 0, body: bytes.toString('utf8') }),
          reject,
        );
      });
      asked.once('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
      asked.once('error', reject);
      asked.end(text);
    });
  }

  async kill9(): Promise<void> {
    await this.#end('SIGKILL', 5_000);
  }

  async terminate(): Promise<void> {
    await this.#end('SIGTERM', 20_000);
  }

  async restart(): Promise<void> {
    await this.#end('SIGTERM', 20_000);
    await this.start();
  }

  async killedInBoot(afterMs: number): Promise<void> {
    this.#spawn();
    await sleep(afterMs);
    await this.kill9();
  }

  /** Asked of the child, not of its pid: once it was killed, that is soon somebody else's. */
  #ended(): boolean {
    const child = this.#child;
    return child === undefined || child.exitCode !== null || child.signalCode !== null;
  }

  async #end(name: NodeJS.Signals, ms: number): Promise<void> {
    if (this.#ended()) return;
    this.#child?.kill(name);
    if (await within(ms, () => this.#ended())) return;
    this.#child?.kill('SIGKILL');
    await within(5_000, () => this.#ended());
    throw new Error(`the daemon did not end within ${ms} ms of ${name}:\n${this.output()}`);
  }

  leaks(): readonly string[] {
    const owned = processesOf(this.dir).filter(
      ({ command, contained }) => contained || command.includes('containerd-shim'),
    );
    return [
      ...owned.map(({ pid, command }) => `process ${pid}: ${command}`),
      ...mountsOf(this.dir)
        .filter((mount) => mount !== this.execRoot)
        .map((mount) => `mount ${mount}`),
      ...this.#networks(),
      ...this.#groups().map((path) => `control group ${path}`),
    ];
  }

  #groups(): readonly string[] {
    return this.#owner === undefined ? [] : containerGroups(this.#owner);
  }

  #networks(): readonly string[] {
    return this.#prefix === undefined ? [] : containerNetworks(this.#prefix);
  }

  async stop(): Promise<void> {
    let groups: readonly string[] = [];
    try {
      if (await this.#removeContainers()) groups = await this.#groupsAfterAll();
      await this.#end('SIGTERM', 20_000);
    } finally {
      const left = await this.#clear();
      if (left.length > 0) process.stderr.write(`left behind: ${left.join('; ')}\n`);
    }
    const left = [...processesOf(this.dir).map(({ command }) => command), ...mountsOf(this.dir)];
    // Links go a moment after their namespace.
    await within(15_000, () => this.#networks().length === 0);
    const stayed = [...left, ...groups, ...this.#networks()];
    if (this.#prefix !== undefined) sweepNetworks(this.#prefix);
    if (stayed.length > 0) throw new Error(`left behind: ${stayed.join('; ')}`);
  }

  /**
   * As a user would; what can not be removed so is swept away, and is no failure of this spec.
   * @returns whether all are gone
   */
  async #removeContainers(): Promise<boolean> {
    if (this.#ended()) return false;
    const list = () => this.dockerWith({ timeoutMs: 20_000 }, 'ps', '-aq');
    const ids = (await list()).stdout.split('\n').filter((id) => id !== '');
    if (ids.length > 0) await this.dockerWith({ timeoutMs: 30_000 }, 'rm', '-f', ...ids);
    const { code, stdout } = await list();
    return code === 0 && stdout === '';
  }

  /** Control groups of removed containers: none, but for the time that the kernel takes. */
  async #groupsAfterAll(): Promise<readonly string[]> {
    await within(5_000, () => this.#groups().length === 0);
    return this.#groups();
  }

  async #clear(): Promise<readonly string[]> {
    const groups = this.#groups();
    const left = await sweep(this.dir);
    if (this.#owner !== undefined) sweepGroups(this.#owner, groups);
    if (mountsOf(this.dir).length === 0) rmSync(this.dir, { recursive: true, force: true });
    return left;
  }
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      stdio: 'pipe',
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    const output = Promise.all([buffer(child.stdout), buffer(child.stderr)]);
    // A program that ends without reading its input is no failure of the run.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    child.stdin.end(options.input);
    child.once('error', reject);
    child.once('close', (code) => {
      output.then(
        ([stdout, stderr]) =>
          resolve({ code: code ?? 137, stdout: stdout.toString(), stderr: stderr.toString() }),
        reject,
      );
    });
  });
}
