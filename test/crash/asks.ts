/** Requests to a daemon as the scenarios of crash tests make them. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import type { Answer, TemporaryDaemon } from '../support/temporaryDaemon.ts';

export const IMAGE = 'crash:latest';

/**
 * Notes each of its runs in /runs, counts its lines, so that one that is lost or doubled shows,
 * ends with 3 when it is asked to, and with 9 as soon as there is a file /gate.
 */
export const COUNT = [
  'echo run >> /runs; trap "exit 3" TERM; trap "" INT USR1; n=0',
  'while [ ! -e /gate ]; do n=$((n+1)); echo "line $n"; usleep 20000; done; rm /gate; exit 9',
].join('; ');

/** @throws AssertionError unless the answer is a 2xx */
export async function ask(
  daemon: TemporaryDaemon,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const answer = await daemon.request(method, path, body);
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
  return answer;
}

export const act =
  (action: string) =>
  async (daemon: TemporaryDaemon, name: string): Promise<void> => {
    await ask(daemon, 'POST', `/containers/${name}/${action}`);
  };

/** A new image each time, which takes the reference from the one before. */
export async function load(daemon: TemporaryDaemon, name: string): Promise<void> {
  const { archive } = await buildBusyboxImage({ repoTags: [IMAGE], labels: { name } });
  const { code, stderr } = await daemon.dockerWith({ input: archive }, 'load');
  assert.equal(code, 0, stderr);
}

/** Whether the image that was loaded under that name has the reference. */
export async function isLoaded(daemon: TemporaryDaemon, name: string): Promise<boolean> {
  const { body } = await ask(daemon, 'GET', `/images/${IMAGE}/json`);
  return JSON.parse(body).Config.Labels.name === name;
}

/** @param more further members of the body */
export const createWith =
  (more: object = {}) =>
  async (daemon: TemporaryDaemon, name: string): Promise<void> => {
    const body = { Image: IMAGE, Cmd: ['sh', '-c', COUNT], ...more };
    await ask(daemon, 'POST', `/containers/create?name=${name}`, body);
  };

export const remove =
  (query = '') =>
  async (daemon: TemporaryDaemon, name: string): Promise<void> => {
    await ask(daemon, 'DELETE', `/containers/${name}${query}`);
  };

/**
 * Made, started and over: its own effects do not meet those of the next step.
 * @param rest what it does before it ends; nothing: its end is mostly on record with its start
 */
const execWhich =
  (rest: string) =>
  async (daemon: TemporaryDaemon, name: string): Promise<void> =>
    await execOver(daemon, name, rest);
export const exec = execWhich('sleep 0.3; ');
export const shortExec = execWhich('');

async function execOver(daemon: TemporaryDaemon, name: string, rest: string): Promise<void> {
  const body = { Cmd: ['sh', '-c', `echo exec >> /execs; ${rest}exit 3`] };
  const made = await ask(daemon, 'POST', `/containers/${name}/exec`, body);
  const id: string = JSON.parse(made.body).Id;
  await ask(daemon, 'POST', `/exec/${id}/start`, { Detach: true });
  await until(`exec ${id} to end`, async () => {
    const { ExecIDs } = JSON.parse((await ask(daemon, 'GET', `/containers/${name}/json`)).body);
    return ExecIDs === null;
  });
  const seen = await ask(daemon, 'GET', `/exec/${id}/json`);
  assert.equal(JSON.parse(seen.body).ExitCode, 3);
}

/** A command that the image does not have: refused when it is started, and nothing stays. */
export async function execOfNothing(daemon: TemporaryDaemon, name: string): Promise<void> {
  const made = await ask(daemon, 'POST', `/containers/${name}/exec`, { Cmd: ['/none'] });
  const started = await daemon.request('POST', `/exec/${JSON.parse(made.body).Id}/start`, {
    Detach: true,
  });
  assert.equal(started.status, 400, started.body);
}

/** A containerd that dies again and again is started again more and more slowly. */
const LONGEST_MS = 30_000;

export async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while (!(await done())) {
    assert.ok(performance.now() < end, `waited ${LONGEST_MS} ms for ${what}`);
    await sleep(20);
  }
}

export interface State {
  readonly Status: string;
  readonly Pid: number;
  readonly ExitCode: number;
}

/** Undefined: there is none of that name. */
export async function stateOf(daemon: TemporaryDaemon, name: string): Promise<State | undefined> {
  const { status, body } = await daemon.request('GET', `/containers/${name}/json`);
  return status === 404 ? undefined : JSON.parse(body).State;
}

export async function statusOf(daemon: TemporaryDaemon, name: string): Promise<string> {
  return (await stateOf(daemon, name))?.Status ?? 'absent';
}
