/**
 * The life of a container as a list of requests, each with what has to be so once it was carried
 * out, be it by the daemon that was asked or by the one after it.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { isAlive } from '../support/leftovers.ts';
import type { Answer, TemporaryDaemon } from '../support/temporaryDaemon.ts';

export interface Step {
  /** Type of the command, as the log names the cause. */
  readonly command: string;
  readonly ask: (daemon: TemporaryDaemon, name: string) => Promise<void>;
  /** Status of the container afterwards; `absent`: there is none of that name. */
  readonly leads: string;
}

/** Counts its lines, so that one that is lost or doubled shows; ends with 3 when it is asked to. */
const COUNT = [
  'trap "exit 3" TERM; trap "" INT; n=0',
  'while :; do n=$((n+1)); echo "line $n"; usleep 20000; done',
].join('; ');

async function ask(daemon: TemporaryDaemon, method: string, path: string, body?: object) {
  const answer = await daemon.request(method, path, body);
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
  return answer;
}

const act =
  (action: string) =>
  async (daemon: TemporaryDaemon, name: string): Promise<void> => {
    await ask(daemon, 'POST', `/containers/${name}/${action}`);
  };

/** A new image each time, which takes the reference from the one before. */
async function load(daemon: TemporaryDaemon, name: string): Promise<void> {
  const { archive } = await buildBusyboxImage({ repoTags: ['crash:latest'], labels: { name } });
  const { code, stderr } = await daemon.dockerWith({ input: archive }, 'load');
  assert.equal(code, 0, stderr);
}

async function create(daemon: TemporaryDaemon, name: string): Promise<void> {
  const body = { Image: 'crash:latest', Cmd: ['sh', '-c', COUNT] };
  await ask(daemon, 'POST', `/containers/create?name=${name}`, body);
}

async function remove(daemon: TemporaryDaemon, name: string): Promise<void> {
  await ask(daemon, 'DELETE', `/containers/${name}`);
}

/** Made, started and over: its own effects do not meet those of the next step. */
async function exec(daemon: TemporaryDaemon, name: string): Promise<void> {
  const body = { Cmd: ['sh', '-c', 'exit 3'] };
  const made = await ask(daemon, 'POST', `/containers/${name}/exec`, body);
  const id: string = JSON.parse(made.body).Id;
  await ask(daemon, 'POST', `/exec/${id}/start`, { Detach: true });
  const end = performance.now() + 10_000;
  for (;;) {
    const { ExecIDs } = JSON.parse((await ask(daemon, 'GET', `/containers/${name}/json`)).body);
    if (ExecIDs === null) break;
    assert.ok(performance.now() < end, `exec ${id} does not end`);
    await sleep(20);
  }
  const seen = await ask(daemon, 'GET', `/exec/${id}/json`);
  assert.equal(JSON.parse(seen.body).ExitCode, 3);
}

export const SCENARIO: readonly Step[] = [
  { command: 'load-image', ask: load, leads: 'absent' },
  { command: 'create', ask: create, leads: 'created' },
  { command: 'start', ask: act('start'), leads: 'running' },
  { command: 'exec-start', ask: exec, leads: 'running' },
  { command: 'pause', ask: act('pause'), leads: 'paused' },
  { command: 'unpause', ask: act('unpause'), leads: 'running' },
  { command: 'restart', ask: act('restart'), leads: 'running' },
  { command: 'stop', ask: act('stop'), leads: 'exited' },
  { command: 'start', ask: act('start'), leads: 'running' },
  // SIGINT is ignored, so that the timer of the stop falls due.
  { command: 'stop', ask: act('stop?signal=INT&t=1'), leads: 'exited' },
  { command: 'remove', ask: remove, leads: 'absent' },
];

/** Asks step by step until the daemon dies. @returns index of the step that was under way, or -1 */
export async function untilDeath(daemon: TemporaryDaemon, name: string): Promise<number> {
  for (const [at, step] of SCENARIO.entries()) {
    try {
      await step.ask(daemon, name);
    } catch (error) {
      await sleep(20);
      if (isAlive(daemon.pid())) throw error;
      return at;
    }
    if (!isAlive(daemon.pid())) return at;
  }
  await sleep(50);
  return isAlive(daemon.pid()) ? -1 : SCENARIO.length - 1;
}

/**
 * What has to be so: a command that is on record is carried out, by whoever comes next. One that
 * still waited for another step when the daemon died was never accepted, and its caller knows.
 */
export function expectedStatus(at: number, commands: readonly string[]): string | undefined {
  const { command } = SCENARIO[at] ?? { command: '' };
  const asked = SCENARIO.slice(0, at + 1).filter((step) => step.command === command).length;
  const accepted = commands.filter((one) => one === command).length;
  const onRecord = command === 'load-image' || accepted >= asked;
  return SCENARIO[onRecord ? at : at - 1]?.leads;
}

export async function inspect(daemon: TemporaryDaemon, name: string): Promise<Answer> {
  return await daemon.request('GET', `/containers/${name}/json`);
}

export async function statusOf(daemon: TemporaryDaemon, name: string): Promise<string> {
  const { status, body } = await inspect(daemon, name);
  return status === 404 ? 'absent' : String(JSON.parse(body).State.Status);
}

/**
 * Whatever is left of it: can be started, was not blocked, and can be removed.
 * @param lossy the stdio process was killed: what it had read and not yet written is lost
 */
export async function liveOn(daemon: TemporaryDaemon, name: string, lossy = false): Promise<void> {
  const status = await statusOf(daemon, name);
  if (status === 'absent') return;
  if (status === 'paused') await act('unpause')(daemon, name);
  if (status !== 'running' && status !== 'paused') await act('start')(daemon, name);
  await assertLogGrows(daemon, name, lossy);
  await ask(daemon, 'DELETE', `/containers/${name}?force=1`);
}

async function assertLogGrows(
  daemon: TemporaryDaemon,
  name: string,
  lossy: boolean,
): Promise<void> {
  const before = (await linesOf(daemon, name)).length;
  const end = performance.now() + 5_000;
  while ((await linesOf(daemon, name)).length <= before) {
    assert.ok(performance.now() < end, `${name} writes no more`);
    await sleep(30);
  }
  // Each run counts from 1, and is whole.
  (await linesOf(daemon, name)).reduce((last, line, at) => {
    const number = Number(line.slice('line '.length));
    const follows = number === last + 1 || number === 1 || (lossy && number > last);
    assert.ok(line === `line ${number}` && follows, `${name}, ${at}: ${line} after ${last}`);
    return number;
  }, 0);
}

async function linesOf(daemon: TemporaryDaemon, name: string): Promise<readonly string[]> {
  const { stdout, stderr, code } = await daemon.docker('logs', name);
  assert.equal(code, 0, stderr);
  return stdout.split('\n').slice(0, -1);
}
