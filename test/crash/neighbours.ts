/** The processes beside the daemon that a container needs, found by what they say of themselves. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { within } from '../support/leftovers.ts';
import {
  type DaemonOptions,
  startTemporaryDaemon,
  type TemporaryDaemon,
} from '../support/temporaryDaemon.ts';
import { assertConverges, assertLeaks, assertLogSound, assertNoBug } from './invariants.ts';
import { containerdOf, kill, shimOf, stdioOf } from './victims.ts';

export interface State {
  readonly Status: string;
  readonly Pid: number;
  readonly ExitCode: number;
  readonly StartedAt: string;
  readonly FinishedAt: string;
}

/** Writes a numbered line every 10 ms; ends with 9 as soon as there is a file /gate. */
export const COUNT =
  'n=0; while [ ! -e /gate ]; do n=$((n+1)); echo "line $n"; usleep 10000; done; exit 9';

/** In which those who have nothing to do with a sick container must be answered. */
export const ANSWER_MS = 10_000;

export class Neighbours {
  readonly daemon: TemporaryDaemon;

  constructor(daemon: TemporaryDaemon) {
    this.daemon = daemon;
  }

  static async open(options: DaemonOptions = {}): Promise<Neighbours> {
    const daemon = await startTemporaryDaemon(options);
    const { archive } = await buildBusyboxImage();
    assert.equal((await daemon.dockerWith({ input: archive }, 'load')).code, 0);
    return new Neighbours(daemon);
  }

  async docker(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.daemon.docker(...args);
    assert.equal(code, 0, `docker ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** A container that counts. @returns its id */
  async counting(name: string): Promise<string> {
    const id = await this.docker('run', '-d', '--name', name, 'busybox', 'sh', '-c', COUNT);
    return id.trim();
  }

  async state(name: string): Promise<State> {
    return JSON.parse((await this.daemon.request('GET', `/containers/${name}/json`)).body).State;
  }

  async becomes(name: string, status: string): Promise<State> {
    await within(15_000, async () => (await this.state(name)).Status === status);
    const state = await this.state(name);
    assert.equal(state.Status, status, this.daemon.output().slice(-2_000));
    return state;
  }

  /** Numbers of the lines in the log, in order. */
  async numbers(name: string): Promise<readonly number[]> {
    const lines = (await this.docker('logs', name)).trimEnd().split('\n');
    return lines.map((line) => {
      assert.match(line, /^line \d+$/);
      return Number(line.slice('line '.length));
    });
  }

  /** Lines that are missing between the first and the last; fails if one comes twice. */
  async missing(name: string): Promise<number> {
    const numbers = await this.numbers(name);
    numbers.forEach((number, at) => {
      assert.ok(number > (numbers[at - 1] ?? 0), `${number} after ${numbers[at - 1]}`);
    });
    return (numbers.at(-1) ?? 0) - numbers.length;
  }

  async writesOn(name: string): Promise<void> {
    const last = (await this.numbers(name)).at(-1) ?? 0;
    const more = async () => ((await this.numbers(name)).at(-1) ?? 0) > last;
    assert.ok(await within(10_000, more), `${name} writes no more`);
  }

  /** Lets a counting container end with 9. */
  openGate(pid: number): void {
    writeFileSync(`/proc/${pid}/root/gate`, '');
  }

  containerd(): number {
    return containerdOf(this.daemon);
  }

  stdio(): number {
    return stdioOf(this.daemon);
  }

  shim(id: string): number {
    const pid = shimOf(this.daemon, id);
    assert.ok(pid, `no shim of ${id}`);
    return pid;
  }

  /** All of them in the same moment, and gone when it resolves. */
  async kill(...pids: readonly number[]): Promise<void> {
    await kill(...pids);
  }

  /**
   * It can be started again, and goes without a trace. One whose gate is open ends at once, so not
   * that it runs is asked for, but that another run was started.
   */
  async livesAgain(name: string): Promise<void> {
    const { StartedAt } = await this.state(name);
    await this.docker('start', name);
    assert.notEqual((await this.state(name)).StartedAt, StartedAt);
    await this.daemon.request('DELETE', `/containers/${name}?force=1`);
  }

  /** Whoever has nothing to do with the sick one is answered, and what is known of it, too. */
  async othersAreServed(sick: string): Promise<void> {
    for (const words of [
      ['ps', '-a'],
      ['inspect', sick],
      ['events', '--since', '1m', '--until', '0s'],
      ['run', '-d', '--name', 'other', 'busybox', 'sleep', '3600'],
      ['pause', 'other'],
      ['unpause', 'other'],
      ['stop', '-t', '0', 'other'],
      ['rm', 'other'],
      ['info'],
    ]) {
      const { code, stderr } = await this.daemon.dockerWith({ timeoutMs: ANSWER_MS }, ...words);
      assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
    }
  }

  /** Nothing is under way, nothing is left, the log is sound. */
  async assertQuiet(): Promise<void> {
    await assertConverges(this.daemon);
    await assertLeaks(this.daemon, []);
    assertLogSound(this.daemon);
    assertNoBug(this.daemon);
  }
}
