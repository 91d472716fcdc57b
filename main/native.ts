/** What the native API asks for, answered by the rooms: condition, facts, reconcile on demand. */
import { createReadStream, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Native,
  ReconcileAsked,
  ReconcileOutcome,
  StreamFact,
  WhyFact,
} from '../api/native/ports.ts';
import type { RequestInfo } from '../api/ports.ts';
import { lengthOfPast, type PastResolution, pastContainer } from '../cli/replay/asOf.ts';
import { isContainerdError } from '../effects/containerd/errors.ts';
import { userName } from '../effects/host/users.ts';
import { randomHex } from '../effects/system/ids.ts';
import type { ContainerContext } from '../machines/container.context.ts';
import { containerStream, phaseOf, taskStream } from '../machines/container.decide.ts';
import type { OpenRow } from '../machines/container.waiting.ts';
import { DAEMON_STREAM } from '../machines/daemon.family.ts';
import { execStream } from '../machines/exec.decide.ts';
import { healthStream } from '../machines/health.follow.ts';
import type { Caller, Cause, JsonObject } from '../machines/words.ts';
import type { Memo } from '../projections/memo.ts';
import type { AgendaRow, StoredFact } from '../store/types.ts';
import { adopt } from './adopt.ts';
import { type Daemon, logPath, TIME } from './daemon.ts';
import { result, run } from './jobs.ts';
import { REBUILD_PREFIX, rebuild } from './rebuild.ts';
import { lookAround, lookOnly } from './reconcile.ts';
import type { Reload } from './reload.ts';

function openRow({ system }: Daemon, row: AgendaRow): OpenRow {
  const { id, type, key, openedNs, dueNs } = row;
  return { type, key, openedNs, dueNs, ...system.progress(id) };
}

/** Of all containers, by id; rows of images are not among them. */
function openRows(daemon: Daemon): ReadonlyMap<string, readonly OpenRow[]> {
  const byContainer = new Map<string, OpenRow[]>();
  for (const row of daemon.log.agenda()) {
    const [kind, id = ''] = row.stream.split('/');
    if (kind !== 'container' && kind !== 'task' && kind !== 'exec') continue;
    byContainer.set(id, [...(byContainer.get(id) ?? []), openRow(daemon, row)]);
  }
  return byContainer;
}

/** Of a container and of the task of its run. How often each was tried is not in the log. */
function openRowsOf(daemon: Daemon, memo: Memo): Native['openRowsOf'] {
  const rowsOf = memo.of((stream) => daemon.log.agendaOf(stream));
  return ({ id, run }) =>
    [containerStream(id), taskStream(id, run)].flatMap(rowsOf).map((row) => openRow(daemon, row));
}

function streamFact(fact: StoredFact): StreamFact {
  return {
    position: fact.position,
    type: fact.type,
    data: fact.data as JsonObject,
    phase: phaseOf({ value: fact.state, context: {} }),
    atNs: fact.atNs,
    caller: fact.caller as Caller | null,
  };
}

function facts({ log }: Daemon, stream: string, limit: number): readonly StreamFact[] {
  const version = log.version(stream);
  return log.readStream(stream, Math.max(0, version - limit)).map(streamFact);
}

const NEWEST_OF_FAMILY = 400;
const COPY_PREFIX = 'copy-';
/** Files of the data root that a killed daemon may leave. */
const LEFTOVERS = new RegExp(`^(?:${COPY_PREFIX}|${REBUILD_PREFIX})`);
const COPY_CHUNK = 256 * 1024;

function whyFact(fact: StoredFact): WhyFact {
  const { stream, effects } = fact;
  return { ...streamFact(fact), stream, effects, cause: fact.cause as Cause };
}

function newest({ log }: Daemon, stream: string, most: number): readonly WhyFact[] {
  return log.readStream(stream, Math.max(0, log.version(stream) - most)).map(whyFact);
}

/** Execs of a container whose facts are told. */
const NEWEST_EXECS = 20;

/**
 * The container, its newest execs, and tasks and health of the last two runs: the last one may have
 * come to nothing.
 */
function family(daemon: Daemon, id: string): readonly WhyFact[] {
  const own = newest(daemon, containerStream(id), NEWEST_OF_FAMILY);
  const begun = own.filter(({ type }) => type === 'container.start-requested').slice(-2);
  const ofRuns = begun
    .map(({ data }) => Number(data['run']))
    .flatMap((run) => [taskStream(id, run), healthStream(id, run)]);
  const execs = daemon.log.newestNames(execStream(id, ''), NEWEST_EXECS);
  const beside = [...ofRuns, ...execs].flatMap((stream) =>
    newest(daemon, stream, NEWEST_OF_FAMILY),
  );
  return [...own, ...beside].toSorted((a, b) => a.position - b.position);
}

/** What was open after these facts of a container and what belongs to it. */
function openAfter(facts: readonly StoredFact[]): readonly OpenRow[] {
  const open = new Map<string, OpenRow>();
  for (const { position, effects, answers, atNs } of facts) {
    for (const id of answers) open.delete(id);
    effects.forEach(({ type, key = null, ms }, index) => {
      if (type === 'cancel') return;
      const dueNs = ms === undefined ? null : atNs + BigInt(ms) * 1_000_000n;
      const row = { type, key, openedNs: atNs, dueNs, tries: 0, lastError: null };
      open.set(`${position}.${index}`, row);
    });
  }
  return [...open.values()];
}

/** A short life is folded here: a thread takes longer to begin. */
const SHORT = 400;

async function pastOf(
  daemon: Daemon,
  ...[position, ref, signal]: Parameters<Native['containerAt']>
): Promise<PastResolution> {
  const { reader } = daemon.log;
  if (lengthOfPast(reader, position, ref) > SHORT) {
    return await result('containerAt', { path: logPath(daemon), position, ref }, signal);
  }
  const steps = pastContainer(reader, position, ref);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

async function containerAt(
  daemon: Daemon,
  ...[position, ref, signal]: Parameters<Native['containerAt']>
): ReturnType<Native['containerAt']> {
  const past = await pastOf(daemon, position, ref, signal);
  if (past.kind !== 'found') return { kind: past.kind };
  const { details, facts } = past.found;
  const own = facts.filter(({ stream }) => stream === containerStream(details.id)).map(streamFact);
  const adoption = own.find(({ type }) => type === 'container.adopt-requested');
  const { unknown }: { unknown?: readonly string[] } = adoption?.data ?? {};
  const adopted = unknown === undefined ? null : { unknown };
  return { kind: 'found', found: { details, facts: own, rows: openAfter(facts), adopted } };
}

async function* chunksOf(target: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(target, { highWaterMark: COPY_CHUNK })) yield chunk;
  } finally {
    rmSync(target, { force: true });
  }
}

/** The copy is no file of the live log: it may be opened, and is gone when it was given out. */
async function copy(
  daemon: Daemon,
  ...[wanted, signal]: Parameters<Native['copy']>
): ReturnType<Native['copy']> {
  const target = join(daemon.options.dataRoot, `${COPY_PREFIX}${randomHex(8)}.db`);
  try {
    await result('copy', { path: logPath(daemon), target, ...wanted }, signal);
    const { size: bytes } = statSync(target);
    return { kind: 'done', copy: { bytes, chunks: chunksOf(target) } };
  } catch (error) {
    rmSync(target, { force: true });
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

/** What a killed daemon has left of its copies and rebuilds. */
export function dropCopies({ options }: Pick<Daemon, 'options'>): void {
  for (const name of readdirSync(options.dataRoot)) {
    if (LEFTOVERS.test(name)) rmSync(join(options.dataRoot, name), { force: true });
  }
}

function adoptionOf({ log }: Daemon, id: string): ReturnType<Native['adopted']> {
  const { adopted }: Pick<ContainerContext, 'adopted'> = Object(
    log.readable(containerStream(id))?.context,
  );
  return adopted ?? null;
}

async function reconcile(
  daemon: Daemon,
  asked: ReconcileAsked,
  request: RequestInfo,
): Promise<ReconcileOutcome> {
  const { condition } = daemon;
  const { awaySinceNs } = condition;
  if (awaySinceNs !== null) {
    return { kind: 'refused', refusal: { kind: 'runtime-away', sinceNs: awaySinceNs } };
  }
  const looked = await unlessGone(asked.dryRun ? lookOnly(daemon) : lookAround(daemon));
  const atNs = String(TIME.nowNs());
  if (looked === undefined) {
    return { kind: 'refused', refusal: { kind: 'runtime-away', sinceNs: atNs } };
  }
  const adoption = await adopt(daemon, looked.differences, asked.adopt, request);
  // What is adopted is no difference any more, also for whoever asks for the status. If containerd
  // is gone by now, it is adopted all the same, and all is looked at when containerd is back.
  if (adoption.adopted.length > 0) await unlessGone(lookAround(daemon));
  const { checked, differences } = looked;
  return { kind: 'done', report: { atNs, checked, differences, ...adoption } };
}

/** Undefined: containerd went away in the midst of it. */
async function unlessGone<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    if (isContainerdError(error, 'unavailable')) return undefined;
    throw error;
  }
}

function customOf({ log }: Daemon, memo: Memo): Native['custom'] {
  return memo.of((id: string) => {
    const { custom }: Partial<ContainerContext> = Object(
      log.readable(containerStream(id))?.context,
    );
    return custom ?? {};
  });
}

function runtimeOf({ log }: Daemon, memo: Memo): Native['runtimeOf'] {
  return memo.of((id: string) => {
    const { runtime }: Partial<ContainerContext> = Object(
      log.readable(containerStream(id))?.context,
    );
    return runtime ?? null;
  });
}

export function nativePorts(daemon: Daemon, memo: Memo, reload: Reload): Native {
  const { condition } = daemon;
  return {
    status: () => ({
      containerd: { awaySinceNs: condition.awaySinceNs },
      stdio: { awaySinceNs: condition.stdioLostNs },
      stopped: [...condition.stopped].map(([stream, reason]) => ({ stream, reason })),
      reconciled: condition.reconciled,
    }),
    reconcile: (asked, request) => reconcile(daemon, asked, request),
    texts: daemon.log.texts,
    verify: (asked, signal) => run('verify', { path: logPath(daemon), ...asked }, signal),
    rebuild: (request, signal) => rebuild(daemon, request, signal),
    containersAt: (position, signal) =>
      result('containersAt', { path: logPath(daemon), position }, signal),
    containerAt: (...asked) => containerAt(daemon, ...asked),
    copy: (...asked) => copy(daemon, ...asked),
    family: (id) => family(daemon, id),
    daemonFacts: () => newest(daemon, DAEMON_STREAM, NEWEST_OF_FAMILY),
    userName,
    facts: (stream, limit) => facts(daemon, stream, limit),
    adopted: (id) => adoptionOf(daemon, id),
    runtimeOf: runtimeOf(daemon, memo),
    custom: customOf(daemon, memo),
    reload,
    openRows: () => openRows(daemon),
    openRowsOf: openRowsOf(daemon, memo),
  };
}
