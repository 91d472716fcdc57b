/**
 * One strike: an operation goes on until its point, somebody is killed there, and then all has to
 * come right by itself. What has to be so afterwards is asserted here.
 */
import assert from 'node:assert/strict';
import { isAlive, signal, within } from '../support/leftovers.ts';
import { allFacts } from '../support/replay.ts';
import * as asks from './asks.ts';
import {
  assertConverges,
  assertLogSound,
  assertNoBug,
  assertNoTrace,
  causedBy,
  logPath,
  newestContainer,
} from './invariants.ts';
import { liveOn } from './liveOn.ts';
import type { Operation, Status } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { nameOf, type Strike, VICTIMS, type Victim } from './points.ts';
import type { Stage } from './stage.ts';
import { kill, pidOf } from './victims.ts';

export interface Struck {
  /** Those who were there to be killed; a container has no shim before its task is made. */
  readonly killed: readonly Victim[];
  /** All who could have been. */
  readonly there: readonly Victim[];
  /** Whether the one who had asked was told that it is done. */
  readonly answered: boolean;
}

interface Underway {
  readonly stage: Stage;
  readonly operation: Operation;
  readonly name: string;
  readonly asked: number;
}

let count = 0;

/** @throws AssertionError for whatever does not hold */
export async function strike(stage: Stage, wanted: Strike): Promise<Struck> {
  const operation = operationOf(wanted.point.operation);
  count += 1;
  const name = `struck-${count}`;
  const before = await stage.inventory.list();
  await stage.prepare(operation, name);
  const underway = { stage, operation, name, asked: commandsOf(stage, operation) };
  stage.arm(wanted.point);
  const asked = settled(operation.ask(stage.daemon, name));
  const stands = await stage.stands(asked);
  stage.disarm();
  assert.ok(stands, `${nameOf(wanted)} was never reached: ${stage.visits()}`);
  const facts = allFacts(logPath(stage.daemon));
  const there = whoIsThere(stage, name);
  const killed = await killThere(there, wanted.victims);
  const error = await comeBack(stage, killed, asked);
  await assertConverges(stage.daemon);
  await assertKept(stage, facts);
  await assertLed(underway, killed, error);
  await assertLives(underway, killed, before);
  return { killed, there: there.map(({ victim }) => victim), answered: error === undefined };
}

export function operationOf(name: string): Operation {
  const operation = OPERATIONS.find((one) => one.name === name);
  assert.ok(operation, `no operation ${name}`);
  return operation;
}

/** What went wrong, if anything did. */
function settled(promise: Promise<void>): Promise<Error | undefined> {
  return promise.then(
    () => undefined,
    (error: Error) => error,
  );
}

interface Present {
  readonly victim: Victim;
  readonly pid: number;
}

function whoIsThere(stage: Stage, name: string): readonly Present[] {
  const container = newestContainer(stage.daemon, name);
  const everybody = [...new Set(VICTIMS.flat())];
  return everybody.flatMap((victim) => {
    const pid = pidOf(victim, stage.daemon, container);
    return pid === undefined ? [] : [{ victim, pid }];
  });
}

/** @returns those of the victims who were there */
async function killThere(
  there: readonly Present[],
  victims: readonly Victim[],
): Promise<readonly Victim[]> {
  const struck = there.filter(({ victim }) => victims.includes(victim));
  // A frozen process dies when it is thawed (cgroup v1): it is not waited for.
  for (const { victim, pid } of struck) if (victim === 'process') signal(pid, 'SIGKILL');
  await kill(...struck.filter(({ victim }) => victim !== 'process').map(({ pid }) => pid));
  return struck.map(({ victim }) => victim);
}

/** The daemon goes on, or another one does. @returns what the one who had asked was told */
async function comeBack(
  stage: Stage,
  killed: readonly Victim[],
  asked: Promise<Error | undefined>,
): Promise<Error | undefined> {
  const { daemon } = stage;
  if (killed.includes('daemon')) {
    const error = await asked;
    await daemon.restart();
    return error;
  }
  const looked = looksOf(stage);
  stage.goOn();
  const error = await asked;
  // It may not even have noticed yet that containerd went.
  const isBack = () => looksOf(stage) > looked;
  const waits = killed.includes('containerd');
  assert.ok(!waits || (await within(30_000, isBack)), 'containerd does not come back');
  return error;
}

/** How often the daemon has compared the log with containerd. */
const looksOf = ({ daemon }: Stage): number =>
  allFacts(logPath(daemon)).filter(({ type }) => type === 'daemon.reconciled').length;

/** What was in the log when the daemon stood still is in it for ever. */
async function assertKept(stage: Stage, facts: ReturnType<typeof allFacts>): Promise<void> {
  const hashes = (some: typeof facts) => some.map(({ hash }) => hash);
  const now = allFacts(logPath(stage.daemon));
  assert.deepEqual(hashes(now.slice(0, facts.length)), hashes(facts));
}

const commandsOf = ({ daemon }: Stage, { command }: Operation): number =>
  command === undefined ? 0 : causedBy(daemon, command);

/**
 * A command that is on record is carried out, by whoever comes next; one that is not has done
 * nothing, and its caller knows. Where the container's own process was struck, it has ended.
 */
async function assertLed(
  underway: Underway,
  killed: readonly Victim[],
  error: Error | undefined,
): Promise<void> {
  const { stage, operation, name, asked } = underway;
  const { command, from, leads } = operation;
  const own = killed.includes('shim') || killed.includes('process');
  if (own) await assertSeen(underway);
  const status = await asks.statusOf(stage.daemon, name);
  if (own) {
    const expected = [from, leads, 'exited', 'running', operation.mayBe];
    assert.ok(expected.includes(status as Status), `it is ${status}`);
    return;
  }
  const accepted = command === undefined || commandsOf(stage, operation) > asked;
  assert.equal(status, accepted ? leads : from, error?.message);
  await assertDone(underway, accepted);
  // A neighbour's death is not the caller's business, only the daemon's own takes the answer along.
  if (!killed.includes('daemon')) assert.equal(error, undefined);
}

async function assertDone({ stage, operation, name }: Underway, wanted: boolean): Promise<void> {
  const { isDone } = operation;
  if (isDone === undefined) return;
  const now = () => isDone(stage.daemon, name);
  assert.ok(await within(10_000, async () => (await now()) === wanted), `not ${wanted} in 10 s`);
}

/** Nobody is shown as alive who is not. */
async function assertSeen({ stage, name }: Underway): Promise<void> {
  const seen = async () => {
    const state = await asks.stateOf(stage.daemon, name);
    const alive = state?.Status === 'running' || state?.Status === 'paused';
    return !alive || isAlive(state.Pid);
  };
  assert.ok(await within(10_000, seen), 'shown as alive, and is not');
  await assertConverges(stage.daemon);
}

/** Whatever is left of it can be started and removed; then there is nothing left of it. */
async function assertLives(
  { stage, operation, name }: Underway,
  killed: readonly Victim[],
  before: readonly string[],
): Promise<void> {
  const { daemon } = stage;
  const id = newestContainer(daemon, name);
  await liveOn(daemon, name, {
    lossy: killed.some((victim) => victim === 'stdio' || victim === 'shim'),
    startable: operation.startable ?? true,
  });
  await operation.clear?.(daemon, name);
  await assertConverges(daemon);
  if (operation.command === 'load-image') {
    await asks.load(daemon, name);
    await stage.assertLoaded(before);
  } else await stage.assertAtRest(before);
  if (id !== '') assertNoTrace(daemon, id);
  assertLogSound(daemon);
  assertNoBug(daemon);
}
