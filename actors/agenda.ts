/**
 * The agenda: every effect asked for and not yet answered, and every timer. A row is opened by
 * the append that asks and closed by the append that logs its outcome, so after a crash the open
 * rows are exactly what is left to do. This class runs them; it never writes the log.
 *
 * open ──► lane ──► admission ──► try ── done/failed ──► deliver ──► the append closes the row
 *            └── unavailable/deadline: back off, be admitted again, look again
 *
 * A try's deadline runs from its admission. While an actor waits for it, its timers and its
 * callers' deadlines stand still.
 */
import type { EffectResult, JsonObject, StreamName } from '../machines/words.ts';
import { Admission, type ClassCounts, type Ticket } from './admission.ts';
import { Mailbox } from './mailbox.ts';
import type { ActorPorts, AgendaRow, Effects, Journal, Time } from './ports.ts';
import { backoffMs } from './retry.ts';
import { StillClock } from './stillClock.ts';

export interface AgendaHooks {
  /** Mailbox key of the stream: effects of one mailbox share the serial lane. */
  laneOf(stream: StreamName): string;
  subjectOf(stream: StreamName): object;
  /** Hands the outcome to the actor that asked. */
  deliver(row: AgendaRow, result: EffectResult): void;
  readonly probe?: ActorPorts['probe'];
}

export interface AgendaCounts {
  /** Rows without an outcome, timers and waits for exits included. */
  readonly open: number;
  readonly classes: Readonly<Record<string, ClassCounts>>;
}

interface Lane {
  readonly mailbox: Mailbox;
  waiting: number;
  /** Something that ends waits for it: it goes before others. */
  hurried: boolean;
}

interface Open {
  readonly row: AgendaRow;
  closed: boolean;
  /** Resolved when it is closed. */
  readonly over: PromiseWithResolvers<void>;
  /** Tries that came to nothing, and what the last of them said. */
  tries: number;
  trouble: string | null;
  /** Stops the timer, the try or the waiting that is under way. */
  interrupt: () => void;
  /** Told when the first try is over, or there will be none. */
  tried: () => void;
}

export interface Progress {
  readonly tries: number;
  readonly lastError: string | null;
}

/** How long an aborted try may take to come to rest, before the next one begins beside it. */
const SETTLE_MS = 5_000;

/** Actors' clocks below this number are kept without looking whether they are needed. */
const FEW_CLOCKS = 1_000;

const DEADLINE: EffectResult = {
  ok: false,
  error: { kind: 'deadline', message: 'no answer before the deadline' },
};
const NEVER = (): void => undefined;

export class Agenda {
  readonly #rows = new Map<string, Open>();
  readonly #byStream = new Map<StreamName, Set<string>>();
  readonly #lanes = new Map<string, Lane>();
  readonly #clocks = new Map<string, StillClock>();
  readonly #admission: Admission;
  readonly #sleepers = new Set<() => void>();
  readonly #effects: Effects;
  readonly #time: Time;
  readonly #journal: Journal;
  readonly #hooks: AgendaHooks;
  #running = false;
  #keepClocks = FEW_CLOCKS;

  constructor(
    { effects, time, journal, limits }: Pick<ActorPorts, 'effects' | 'time' | 'journal' | 'limits'>,
    hooks: AgendaHooks,
  ) {
    this.#effects = effects;
    this.#time = time;
    this.#journal = journal;
    this.#hooks = hooks;
    this.#admission = new Admission(limits, time);
  }

  /** Puts a row that is durably open on the agenda; it is run once the agenda was started. */
  open(row: AgendaRow): void {
    const over = Promise.withResolvers<void>();
    const none = { tries: 0, trouble: null };
    const open: Open = { row, closed: false, over, ...none, interrupt: NEVER, tried: NEVER };
    this.#rows.set(row.id, open);
    const ids = this.#byStream.get(row.stream) ?? new Set();
    this.#byStream.set(row.stream, ids.add(row.id));
    if (this.#running) this.#dispatch(open);
  }

  /** The row's answer is durable; whatever is still at work for it no longer matters. */
  close(id: string): void {
    const open = this.#rows.get(id);
    if (open === undefined) return;
    open.closed = true;
    this.#rows.delete(id);
    const ids = this.#byStream.get(open.row.stream);
    ids?.delete(id);
    if (ids?.size === 0) this.#byStream.delete(open.row.stream);
    open.interrupt();
    open.over.resolve();
  }

  /** Resolves when all of these rows are closed; those that are not open are. */
  async allClosed(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#rows.get(id)?.over.promise));
  }

  /** Ids of the stream's open rows with that key; null: of all. */
  openRows(stream: StreamName, key: string | null): string[] {
    const ids = [...(this.#byStream.get(stream) ?? [])];
    return key === null ? ids : ids.filter((id) => this.#rows.get(id)?.row.key === key);
  }

  /** How often an open row was tried in vain by this daemon, and why the last time. */
  progress(id: string): Progress {
    const { tries = 0, trouble = null } = this.#rows.get(id) ?? {};
    return { tries, lastError: trouble };
  }

  isOpen(id: string): boolean {
    return this.#rows.has(id);
  }

  /**
   * Begins to carry out what is open (after reconcile) and all that is opened from now on. A timer
   * that fell due meanwhile fires after what its actor had begun was tried once (law 18).
   */
  start(): void {
    this.#running = true;
    for (const open of [...this.#rows.values()]) this.#dispatch(open, true);
  }

  /**
   * Calls back after that many milliseconds of this actor's time, which stands still while it
   * waits to be admitted.
   */
  after(key: string, ms: number, callback: () => void): () => void {
    return this.#clock(key).after(ms, callback);
  }

  /** Something that ends waits for what this actor has begun: it goes before the others. */
  hurry(key: string): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return;
    lane.hurried = true;
    this.#admission.hurry(key);
  }

  counts(): AgendaCounts {
    return { open: this.#rows.size, classes: this.#admission.counts() };
  }

  /** Nothing new is begun and nothing is delivered; what was asked stays open in the log. */
  stop(): void {
    this.#running = false;
    for (const open of this.#rows.values()) open.interrupt();
  }

  /** What was unavailable is back: retries that wait go on at once. */
  wake(): void {
    for (const wakeUp of [...this.#sleepers]) wakeUp();
  }

  #dispatch(open: Open, restored = false): void {
    const { row } = open;
    if (row.type === 'cancel') return;
    if (row.type === 'timer') return this.#startTimer(open);
    const laneKind = this.#laneKind(row);
    if (laneKind === 'unknown') return;
    if (laneKind === 'own') {
      void this.#carryOut(open, null);
      return;
    }
    const key = this.#hooks.laneOf(row.stream);
    const lane = this.#lanes.get(key) ?? { mailbox: new Mailbox(), waiting: 0, hurried: false };
    lane.waiting += 1;
    this.#lanes.set(key, lane);
    if (restored) open.tried = this.#clock(key).hold();
    void lane.mailbox
      .post(() => this.#carryOut(open, lane))
      .finally(() => {
        open.tried();
        lane.waiting -= 1;
        if (lane.waiting === 0) this.#lanes.delete(key);
      });
  }

  #clockOf({ stream }: AgendaRow): StillClock {
    return this.#clock(this.#hooks.laneOf(stream));
  }

  /** Those of actors at rest are let go when a new one is needed. */
  #clock(key: string): StillClock {
    const known = this.#clocks.get(key);
    if (known !== undefined) return known;
    if (this.#clocks.size >= this.#keepClocks) this.#letGoOfClocks();
    const clock = new StillClock(this.#time);
    this.#clocks.set(key, clock);
    return clock;
  }

  #letGoOfClocks(): void {
    for (const [key, clock] of this.#clocks) if (clock.idle) this.#clocks.delete(key);
    this.#keepClocks = Math.max(FEW_CLOCKS, this.#clocks.size * 2);
  }

  /** An effect of a later version that this one can not carry out stays open, and is told. */
  #laneKind(row: AgendaRow): 'serial' | 'own' | 'unknown' {
    try {
      return this.#effects.policy(row.type).lane;
    } catch (err) {
      this.#journal.error({ stream: row.stream, effect: row.id, type: row.type, err }, 'left open');
      return 'unknown';
    }
  }

  /** Never longer than its duration, so that a clock set forward or back does not stretch it. */
  #startTimer(open: Open): void {
    const { ms, dueNs } = open.row;
    const whole = ms ?? 0;
    const left = dueNs === null ? whole : Number((dueNs - this.#time.nowNs()) / 1_000_000n);
    const due = Math.min(whole, Math.max(0, left));
    open.interrupt = this.#clockOf(open.row).after(due, () =>
      this.#deliver(open, { ok: true, data: {} }),
    );
  }

  async #carryOut(open: Open, lane: Lane | null): Promise<void> {
    const { tries } = this.#effects.policy(open.row.type);
    let overdue = 0;
    for (let attempt = 0; !open.closed && this.#running; attempt += 1) {
      const result = await this.#admitted(open, lane);
      open.tried();
      if (open.closed || !this.#running) return;
      if (result.ok || result.error.kind === 'failed') return this.#deliver(open, result);
      if (result.error.kind === 'deadline') overdue += 1;
      if (overdue >= tries) return this.#deliver(open, result);
      open.tries += 1;
      open.trouble = result.error.message;
      const { id, type, stream } = open.row;
      this.#journal.warn(
        { stream, effect: id, type, error: result.error.message },
        'looking again',
      );
      await this.#sleep(open, backoffMs(attempt, this.#time.random()));
    }
  }

  /** One try, once its class has room for it. */
  async #admitted(open: Open, lane: Lane | null): Promise<EffectResult> {
    const { type, stream } = open.row;
    const key = this.#hooks.laneOf(stream);
    const first = lane?.hurried ?? false;
    const ticket = this.#admission.enter(this.#effects.policy(type).class, key, first);
    try {
      if (!ticket.atOnce && !(await this.#queued(open, ticket, key))) return DEADLINE;
      this.#hooks.probe?.(type, 'before');
      const result = await this.#try(open);
      this.#hooks.probe?.(type, 'after');
      return result;
    } finally {
      ticket.leave();
    }
  }

  /** False when the row was closed, or the agenda stopped, before its turn came. */
  async #queued(open: Open, ticket: Ticket, key: string): Promise<boolean> {
    const goOn = this.#clock(key).hold();
    open.interrupt = ticket.leave;
    const granted = await ticket.granted;
    open.interrupt = NEVER;
    goOn();
    return granted && !open.closed && this.#running;
  }

  async #try(open: Open): Promise<EffectResult> {
    const { type, params, stream } = open.row;
    const { deadlineMs } = this.#effects.policy(type);
    const abort = new AbortController();
    const overdue = Promise.withResolvers<EffectResult>();
    const giveUp = (): void => {
      abort.abort();
      overdue.resolve(DEADLINE);
    };
    const cancelTimer = deadlineMs === null ? NEVER : this.#time.after(deadlineMs, giveUp);
    open.interrupt = giveUp;
    try {
      const subject = this.#hooks.subjectOf(stream);
      const work = this.#effects.run(type, params as JsonObject, subject, abort.signal);
      const result = await Promise.race([work, overdue.promise]);
      if (result === DEADLINE) await this.#settled(work);
      return result;
    } catch (error) {
      // No subject, or no such effect: the actor, when it is told, finds out why, and stops alone.
      return { ok: false, error: { kind: 'failed', message: String(error) } };
    } finally {
      cancelTimer();
      open.interrupt = NEVER;
    }
  }

  /** Two tries of one effect at a time would get in each other's way. */
  async #settled(work: Promise<EffectResult>): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancelTimer = this.#time.after(SETTLE_MS, late.resolve);
    await Promise.race([work.then(NEVER, NEVER), late.promise]);
    cancelTimer();
  }

  #sleep(open: Open, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wakeUp = (): void => {
      cancelTimer();
      this.#sleepers.delete(wakeUp);
      open.interrupt = NEVER;
      resolve();
    };
    const cancelTimer = this.#time.after(ms, wakeUp);
    this.#sleepers.add(wakeUp);
    open.interrupt = wakeUp;
    return promise;
  }

  #deliver(open: Open, result: EffectResult): void {
    if (!open.closed && this.#running) this.#hooks.deliver(open.row, result);
  }
}
