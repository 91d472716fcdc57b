/**
 * Random operations on a real daemon, with a `kill -9` now and then in the midst of one, each
 * checked against the model; in the end all is removed, and the host must be as it was.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { namesOf } from '../../machines/network.names.ts';
import { numbers } from '../crash/seeded.ts';
import { within } from '../support/leftovers.ts';
import { leftBehind, success } from '../support/loadedDaemon.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { carryOut, isDone, messageOf, read, wasDoneBefore } from './acts.ts';
import { checkFiles, checkHost, checkNeighbours, checkPorts, checkRecords } from './checks.ts';
import { differences, hostState, type Whose } from './hostState.ts';
import { Model } from './model.ts';
import { look, type SeenBox } from './seen.ts';
import { apply, inWords, type Step, Story } from './story.ts';

export interface Playing {
  readonly seed: number;
  readonly operations: number;
  /** Ends sooner, after the operation that is under way; default: never. */
  readonly withinMs?: number;
  readonly alone: boolean;
  readonly say: (line: string) => void;
}

/** Ports that nobody else takes by chance: below those of outgoing connections. */
const FIRST_PORT = 20_000;

/** @returns how many operations were played. @throws AssertionError */
export async function play(daemon: TemporaryDaemon, playing: Playing): Promise<number> {
  const { seed, operations, withinMs = Number.POSITIVE_INFINITY, say } = playing;
  const { ID } = await read<{ ID: string }>(daemon, '/info');
  const whose: Whose = {
    prefix: namesOf(ID),
    execRoot: daemon.execRoot,
    dataRoot: daemon.dataRoot,
    alone: playing.alone,
  };
  // What the first container makes stays for the next: a carrier of the bridge, directories.
  success(await daemon.docker('run', '--rm', 'busybox', 'true'));
  assert.deepEqual(await leftBehind(daemon), []);
  const before = await hostState(whose);
  const model = new Model();
  const random = numbers(seed);
  // Daemons beside have other ports.
  const story = new Story(model, () => random.next().value, FIRST_PORT + (process.pid % 9_000));
  const begun = performance.now();
  let played = 0;
  for (; played < operations && performance.now() - begun < withinMs; played += 1) {
    const step = story.next();
    const name = `seed ${seed}, operation ${played}: ${inWords(step)}`;
    say(name);
    await carriedOut(daemon, step, name);
    if (step.refused === null) apply(model, step.operation);
    // What the killed daemon had begun is brought to its end by the next one.
    const settled = async () =>
      (await shownWrong(model, await look(daemon), whose.prefix)).length === 0;
    if (step.killAfterMs !== null) await within(20_000, settled);
    assert.deepEqual(await complaints(daemon, model, story.ports, whose.prefix), [], name);
  }
  await removeAll(daemon, model);
  await within(20_000, async () => differences(before, await hostState(whose)).length === 0, 200);
  assert.deepEqual(differences(before, await hostState(whose)), [], `seed ${seed}: the host`);
  return played;
}

async function carriedOut(daemon: TemporaryDaemon, step: Step, name: string): Promise<void> {
  const { operation, refused, killAfterMs } = step;
  if (killAfterMs !== null) await interrupted(daemon, step, killAfterMs);
  const answer = await carryOut(daemon, operation);
  const message = answer.status < 400 ? '' : messageOf(answer.body);
  if (refused !== null) {
    assert.ok(!isDone(answer), `${name}: it was done`);
    assert.match(message, refused, name);
    return;
  }
  const done = killAfterMs === null ? isDone(answer) : wasDoneBefore(operation, answer);
  assert.ok(done, `${name}: ${answer.status} ${message}`);
}

/** The daemon dies while it is asked, and another one is started. */
async function interrupted(
  daemon: TemporaryDaemon,
  { operation }: Step,
  killAfterMs: number,
): Promise<void> {
  const asking = Promise.allSettled([carryOut(daemon, operation)]);
  await sleep(killAfterMs);
  await daemon.kill9();
  await asking;
  await daemon.restart();
}

/** Of the daemon's records, and of what the host has of them. */
async function shownWrong(
  model: Model,
  seen: readonly SeenBox[],
  prefix: string,
): Promise<readonly string[]> {
  const records = checkRecords(model, seen);
  if (records.length > 0) return records;
  return [...(await checkHost(seen, prefix)), ...checkFiles(seen)];
}

async function complaints(
  daemon: TemporaryDaemon,
  model: Model,
  ports: readonly number[],
  prefix: string,
): Promise<readonly string[]> {
  const seen = await look(daemon);
  const shown = await shownWrong(model, seen, prefix);
  if (shown.length > 0) return shown;
  const reached = [checkNeighbours(model, seen), checkPorts(model, ports)];
  return (await Promise.all(reached)).flat();
}

async function removeAll(daemon: TemporaryDaemon, model: Model): Promise<void> {
  const [, ...nets] = model.nets.keys();
  for (const box of model.boxes.keys()) {
    const removed = await carryOut(daemon, { type: 'remove', box });
    assert.ok(isDone(removed), removed.body);
  }
  for (const net of nets) {
    const removed = await carryOut(daemon, { type: 'remove-network', net });
    assert.ok(isDone(removed), removed.body);
  }
}
