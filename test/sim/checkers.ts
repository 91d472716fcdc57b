/**
 * What must hold after quiet, whatever happened. The checkers read the log and the world for
 * themselves; they share no code with the actors, the machines or the projections.
 */
import type { StoredFact } from '../../store/types.ts';
import { verifyLog } from '../../store/verify.ts';
import type { Simulated } from './simulation.ts';

/** Sentences about what is wrong; empty: all invariants hold. */
export function problems(simulated: Simulated): readonly string[] {
  const facts = simulated.log.read(0, 100_000);
  return [
    ...simulated.stopped.map((stopped) => `an actor was stopped by a bug: ${stopped}`),
    ...contiguous(facts),
    ...verified(simulated.path),
    ...converged(simulated),
    ...likeTheWorld(simulated, facts),
    ...oneExitARun(simulated, facts),
    ...oneHolderAName(facts),
    ...acknowledgedIsLogged(simulated, facts),
    ...namesAreUnique(simulated),
  ];
}

function contiguous(facts: readonly StoredFact[]): string[] {
  const versions = new Map<string, number>();
  const wrong: string[] = [];
  facts.forEach((fact, index) => {
    if (fact.position !== index + 1) wrong.push(`position ${fact.position} at row ${index + 1}`);
    const version = (versions.get(fact.stream) ?? 0) + 1;
    if (fact.version !== version) wrong.push(`${fact.stream} has ${fact.version} for ${version}`);
    versions.set(fact.stream, version);
  });
  return wrong;
}

function verified(path: string): string[] {
  const result = verifyLog(path);
  return result.ok ? [] : [`the log does not verify: ${JSON.stringify(result)}`];
}

/** After quiet the only thing left to wait for is the exit of what runs. */
function converged({ log }: Simulated): string[] {
  return log
    .agenda()
    .filter(({ type, key }) => type !== 'task.await-exit' && key !== 'restart')
    .map(({ stream, type, id }) => `still open after quiet: ${type} ${id} of ${stream}`);
}

const latest = (facts: readonly StoredFact[], prefix: string): ReadonlyMap<string, StoredFact> =>
  new Map(
    facts.filter(({ stream }) => stream.startsWith(prefix)).map((fact) => [fact.stream, fact]),
  );

function likeTheWorld({ world }: Simulated, facts: readonly StoredFact[]): string[] {
  const wrong: string[] = [];
  for (const [stream, fact] of latest(facts, 'container/')) {
    const id = stream.slice('container/'.length);
    const state = JSON.stringify(fact.state);
    const container = world.containers.get(id);
    const runs = [...(container?.runs.values() ?? [])].map(({ status }) => status);
    const settled: Readonly<Record<string, readonly string[]>> = {
      '"removed"': [],
      '{"created":"clean"}': [],
      '{"exited":"clean"}': [],
      '{"restarting":"waiting"}': [],
      '"running"': ['running'],
      '"paused"': ['paused'],
    };
    const expected = settled[state];
    if (expected === undefined) wrong.push(`${stream} rests in ${state}`);
    else if (String(expected) !== String(runs)) wrong.push(`${stream} is ${state}, world: ${runs}`);
    if (state === '"removed"' && container !== undefined) wrong.push(`${stream} left something`);
    if (container?.mounted && runs.length === 0) wrong.push(`${stream} left its root mounted`);
  }
  return wrong;
}

/**
 * Each started run that is over has one exit, with the true code; nothing is said of the others.
 */
function oneExitARun({ world }: Simulated, facts: readonly StoredFact[]): string[] {
  const wrong: string[] = [];
  const started = facts.filter(({ type }) => type === 'task.started');
  for (const { stream } of started) {
    const exits = facts.filter((fact) => fact.stream === stream && fact.type === 'task.exited');
    const [, id = '', run = ''] = stream.split('/');
    const alive = world.containers.get(id)?.runs.get(Number(run));
    if (alive !== undefined && alive.status !== 'stopped') {
      if (exits.length > 0) wrong.push(`${stream} lives and has an exit`);
      continue;
    }
    if (exits.length !== 1) wrong.push(`${stream} has ${exits.length} exits`);
    const code = Reflect.get(Object(exits[0]?.data), 'code');
    const truth = world.exits.get(`${id}/${run}`);
    if (code !== truth && code !== null) wrong.push(`${stream} exited ${truth}, logged ${code}`);
    if (code === null && !killed(facts, id)) wrong.push(`${stream}: exit ${truth} was lost`);
  }
  return wrong;
}

/** Only a removal by force whose SIGKILL brought no exit in time may end without a known code. */
const killed = (facts: readonly StoredFact[], id: string): boolean =>
  facts.some(
    ({ stream, type }) => stream === `container/${id}` && type === 'container.kill-timed-out',
  );

function oneHolderAName(facts: readonly StoredFact[]): string[] {
  const holders = new Map<string, string>();
  const wrong: string[] = [];
  for (const { stream, take, free } of facts) {
    for (const { kind, key } of free) {
      if (holders.get(`${kind} ${key}`) === stream) holders.delete(`${kind} ${key}`);
    }
    for (const { kind, key } of take) {
      const holder = holders.get(`${kind} ${key}`);
      if (holder !== undefined && holder !== stream) wrong.push(`${kind} ${key} was given twice`);
      holders.set(`${kind} ${key}`, stream);
    }
  }
  return wrong;
}

/** As `ps` shows it: two containers never have one name. */
function namesAreUnique({ log }: Simulated): string[] {
  const query = `SELECT name FROM p_containers WHERE stage = 'created'
    GROUP BY name HAVING count(*) > 1`;
  const names = log.reader.prepare<[], string>(query).pluck().all();
  return names.map((name) => `two containers are called ${name}`);
}

const PROOF: Readonly<Record<string, readonly string[]>> = {
  create: ['container.created'],
  start: ['container.started'],
  stop: ['container.exited', 'container.restart-cancelled'],
  restart: ['container.started'],
  pause: ['container.paused'],
  unpause: ['container.unpaused'],
  kill: ['container.signalled', 'container.exited', 'container.restart-cancelled'],
  remove: ['container.removed'],
  rename: ['container.renamed'],
  update: ['container.updated'],
};

/** Whoever was told "done" finds the fact in the log, at or before where its head was then. */
function acknowledgedIsLogged({ acknowledged }: Simulated, facts: readonly StoredFact[]): string[] {
  return acknowledged
    .filter(({ result }) => result === 'done')
    .filter(({ command, position }) => {
      const proofs = PROOF[command.type] ?? [];
      const stream = `container/${command.id}`;
      return !facts.some(
        (fact) => fact.stream === stream && fact.position <= position && proofs.includes(fact.type),
      );
    })
    .map(({ command, position }) => `${command.type} was acknowledged at ${position}, not logged`);
}
