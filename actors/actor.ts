/**
 * One mailbox: the actors of one family key, decided one input at a time.
 *
 * input ──► decide (pure) ──► append (durable) ──► new state ──► effects, callers, deferred
 * inputs
 *
 * Nothing is acted on, and nobody is told, before the append has committed. A bug (an illegal
 * fact, an exception in a decision) stops this actor alone.
 */
import type { Refusal } from '../machines/container.commands.ts';
import type { Command, Decision, Family, Input, View } from '../machines/decision.ts';
import type { ActorState, Caller, Cause, Fact, JsonValue, StreamName } from '../machines/words.ts';
import type { Agenda } from './agenda.ts';
import { type Folded, foldDrafts } from './fold.ts';
import { Mailbox } from './mailbox.ts';
import type { ActorPorts, AppendedFact, AppendOutcome, NewSecret } from './ports.ts';
import { States } from './states.ts';

export type CommandResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** One input on its way, with what is to be recorded of its origin. */
interface Item {
  readonly input: Input;
  readonly cause: Cause;
  readonly caller: Caller | null;
  /** Id of the agenda row that the input answers. */
  readonly answered: string | null;
  /** Commands only: told once, what became of it. */
  readonly tell: ((result: CommandResult) => void) | null;
  /** What it is waiting for while it is deferred. */
  waitingFor: string;
}

interface Waiter {
  readonly command: Command;
  readonly tell: (result: CommandResult) => void;
}

const NOT_WRITTEN_RETRY_MS = 1_000;

export class Actor {
  readonly #key: string;
  readonly #family: Family;
  readonly #ports: ActorPorts;
  readonly #agenda: Agenda;
  readonly #mailbox = new Mailbox();
  readonly #states: States;
  #deferred: Item[] = [];
  #waiters: Waiter[] = [];
  #pending = 0;
  #stopped: { readonly stream: StreamName; readonly reason: string } | null = null;

  constructor(key: string, family: Family, ports: ActorPorts, agenda: Agenda) {
    this.#key = key;
    this.#family = family;
    this.#ports = ports;
    this.#agenda = agenda;
    this.#states = new States(key, ports);
  }

  /** Nothing is under way: the actor can be dropped and loaded again from the log. */
  get idle(): boolean {
    const busy = this.#pending + this.#deferred.length + this.#waiters.length;
    return busy === 0 && this.#stopped === null;
  }

  /**
   * Resolves when what the command was to lead to has happened, when it was refused, or at the
   * deadline (`deadline` or `busy`; what was accepted goes on), which does not run while the
   * actor waits to be admitted. `deadlineMs` null: waits for ever.
   */
  submit(
    command: Command,
    origin: {
      readonly request: string;
      readonly caller: Caller;
      readonly deadlineMs: number | null;
    },
  ): Promise<CommandResult> {
    const { promise, resolve } = Promise.withResolvers<CommandResult>();
    let cancelDeadline = (): void => undefined;
    const tell = (result: CommandResult): void => {
      cancelDeadline();
      resolve(result);
    };
    const item: Item = {
      input: { kind: 'command', command },
      cause: { command: command.type, request: origin.request },
      caller: origin.caller,
      answered: null,
      tell,
      waitingFor: '',
    };
    if (origin.deadlineMs !== null) {
      cancelDeadline = this.#agenda.after(this.#key, origin.deadlineMs, () =>
        tell({ kind: 'refused', refusal: this.#overdue(item, command) }),
      );
    }
    this.#post(item);
    return promise;
  }

  /** The outcome of the effect or timer of an open agenda row. */
  outcome(id: string, input: Input): void {
    this.#post({
      input,
      cause: { effect: id },
      caller: null,
      answered: id,
      tell: null,
      waitingFor: '',
    });
  }

  observe(input: Extract<Input, { kind: 'observation' }>): Promise<void> {
    const cause = { observation: input.observation.type };
    return this.#post({ input, cause, caller: null, answered: null, tell: null, waitingFor: '' });
  }

  /** What the log has of it can not be trusted: it takes forced removal and nothing else. */
  quarantine(stream: StreamName, reason: string): void {
    this.#states.doubt(stream);
    if (this.#stopped === null) this.#stopAt(stream, reason, { cause: 'load' });
  }

  /** Context for an effect's handler. */
  subject(stream: StreamName): object {
    return this.#family.subject(this.#view(), stream);
  }

  #post(item: Item): Promise<void> {
    this.#pending += 1;
    return this.#mailbox
      .post(() => this.#process(item))
      .finally(() => {
        this.#pending -= 1;
      });
  }

  #overdue(item: Item, command: Command): Refusal {
    // Nobody listens any more: kept, it would pile up under repeated commands.
    this.#waiters = this.#waiters.filter(({ tell }) => tell !== item.tell);
    const deferred = this.#deferred.indexOf(item);
    if (deferred < 0) return { kind: 'deadline', command: command.type };
    this.#deferred.splice(deferred, 1);
    const id = this.#key.slice(this.#key.indexOf('/') + 1);
    return { kind: 'busy', id, waitingFor: item.waitingFor };
  }

  async #process(item: Item): Promise<void> {
    if (item.answered !== null && !this.#agenda.isOpen(item.answered)) return;
    if (this.#refusedAsStopped(item)) return;
    let folded: Folded;
    let decision: Decision;
    try {
      decision = this.#decide(item.input);
      if (this.#ends(item.input)) this.#agenda.hurry(this.#key);
      if (decision.kind !== 'facts') return this.#withoutFacts(item, decision);
      folded = this.#fold(item, decision.drafts);
    } catch (error) {
      return this.#stop(item, error);
    }
    const result = await this.#append(item, folded, this.#secrets(decision));
    try {
      if (result.ok) this.#committed(item, folded, result.facts);
      else this.#notWritten(item, result.conflict);
    } catch (error) {
      this.#stop(item, error);
    }
  }

  /** What of the host it depends on is read here, and is part of the input from then on. */
  #decide(given: Input): Decision {
    const view = this.#view();
    const { busyPorts } = this.#ports;
    const wanted = busyPorts !== undefined && this.#family.wantsBusyPorts?.(view, given) === true;
    return this.#family.decide(view, wanted ? { ...given, busyPorts: busyPorts() } : given);
  }

  /** On a full disk the reserve lets through what ends things: outcomes, stop, kill, removal. */
  async #append(item: Item, { rows }: Folded, secrets: readonly NewSecret[]) {
    const { log } = this.#ports;
    const result = await log.append(rows, secrets);
    const full = !result.ok && result.conflict.kind === 'disk-full';
    const ends = item.input.kind !== 'command' || this.#ends(item.input);
    return full && ends && log.releaseReserve() ? await log.append(rows, secrets) : result;
  }

  #ends(input: Input): boolean {
    return input.kind === 'command' && this.#family.endsThings(input.command);
  }

  #secrets(decision: Extract<Decision, { kind: 'facts' }>) {
    return (decision.secrets ?? []).map(({ ref, salt, value }) => ({
      digest: ref.digest,
      salt,
      value,
    }));
  }

  #withoutFacts(item: Item, decision: Exclude<Decision, { kind: 'facts' }>): void {
    switch (decision.kind) {
      case 'refused':
        return item.tell?.(decision);
      case 'nothing':
        if (item.answered !== null) throw new Error(`outcome ${item.answered} led to no fact`);
        return item.tell?.({ kind: 'nothing' });
      case 'defer':
        item.waitingFor = decision.waitingFor;
        this.#deferred.push(item);
        return;
      default:
        return decision satisfies never;
    }
  }

  #fold(item: Item, drafts: Extract<Decision, { kind: 'facts' }>['drafts']): Folded {
    return foldDrafts({
      family: this.#family,
      drafts,
      current: (stream) => this.#states.current(stream),
      openRows: (stream, key) => this.#agenda.openRows(stream, key),
      answered: item.answered,
      cause: item.cause as JsonValue,
      caller: item.caller as JsonValue,
    });
  }

  #committed(item: Item, folded: Folded, facts: readonly AppendedFact[]): void {
    if (item.input.kind === 'outcome') this.#ports.probe?.(item.input.effect.type, 'appended');
    if (this.#stopped !== null) this.#ports.recovered(this.#stopped.stream);
    this.#stopped = null;
    this.#states.remember(folded.after);
    for (const row of folded.rows) for (const id of row.answers) this.#agenda.close(id);
    for (const fact of facts) this.#openRows(fact);
    if (item.tell !== null && item.input.kind === 'command') {
      this.#waiters.push({ command: item.input.command, tell: item.tell });
    }
    for (const fact of facts) this.#settle(fact);
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const again of deferred) void this.#post(again);
  }

  #openRows(fact: AppendedFact): void {
    fact.effects.forEach((effect, index) => {
      if (effect.type === 'cancel') return;
      const ms = effect.ms ?? null;
      this.#agenda.open({
        id: `${fact.position}.${index}`,
        stream: fact.stream,
        type: effect.type,
        params: effect.params,
        key: effect.key ?? null,
        ms,
        dueNs: ms === null ? null : fact.atNs + BigInt(Math.round(ms)) * 1_000_000n,
      });
    });
  }

  #settle(appended: AppendedFact): void {
    const fact = { type: appended.type, data: appended.data } as Fact;
    this.#waiters = this.#waiters.filter(({ command, tell }) => {
      const settlement = this.#family.settles(command, fact, appended.stream);
      if (settlement !== undefined) tell(settlement);
      return settlement === undefined;
    });
  }

  #notWritten(item: Item, conflict: Extract<AppendOutcome, { ok: false }>['conflict']): void {
    if (conflict.kind === 'claim') {
      const refusal = this.#family.claimRefused(conflict.claim, conflict.holder);
      if (refusal === 'again') return void this.#post(item);
      if (item.tell === null) return this.#stop(item, new Error(`claim taken: ${refusal.kind}`));
      return item.tell({ kind: 'refused', refusal });
    }
    if (conflict.kind === 'version' || conflict.kind === 'agenda') {
      return this.#stop(item, new Error(`${conflict.kind} conflict on append`));
    }
    const { message } = conflict;
    this.#ports.journal.error({ actor: this.#key, message }, 'the log could not be written');
    if (item.tell !== null) {
      return item.tell({ kind: 'refused', refusal: { kind: 'log-failed', message } });
    }
    // An outcome must get into the log some time: its agenda row stays open until then.
    this.#ports.time.after(NOT_WRITTEN_RETRY_MS, () => void this.#post(item));
  }

  #refusedAsStopped(item: Item): boolean {
    if (this.#stopped === null) return false;
    const { input } = item;
    const forced =
      input.kind === 'command' &&
      input.command.type === 'remove' &&
      'force' in input.command &&
      input.command.force === true;
    if (forced) {
      for (const row of this.#states.mend()) {
        if (!this.#agenda.isOpen(row.id)) this.#agenda.open(row);
      }
      return false;
    }
    // An outcome is decided once the actor goes on; until then its agenda row stays open.
    if (item.answered !== null) this.#deferred.push(item);
    item.tell?.({ kind: 'refused', refusal: { kind: 'actor-stopped', ...this.#stopped } });
    return true;
  }

  #stop(item: Item, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const stream = item.input.kind === 'outcome' ? item.input.stream : this.#key;
    this.#stopAt(stream, reason, { cause: item.cause, err: error });
    const refusal: Refusal = { kind: 'actor-stopped', stream, reason };
    item.tell?.({ kind: 'refused', refusal });
    for (const { tell } of this.#waiters) tell({ kind: 'refused', refusal });
    this.#waiters = [];
    // Callers wait for nothing any more; outcomes are decided again once the actor goes on.
    for (const { tell } of this.#deferred) tell?.({ kind: 'refused', refusal });
    this.#deferred = this.#deferred.filter(({ tell }) => tell === null);
  }

  #stopAt(stream: StreamName, reason: string, about: object): void {
    this.#stopped = { stream, reason };
    const position = this.#states.positionOf(stream);
    this.#ports.journal.error({ stream, position, reason, ...about }, 'actor stopped');
    this.#ports.stopped(stream, position, reason);
  }

  #view(): View {
    return {
      state: (stream): ActorState | undefined => this.#states.current(stream)?.state,
      holder: (claim) => this.#ports.log.holder(claim),
      sharers: (claim) => this.#ports.log.sharers(claim),
      held: (claim) => this.#ports.log.held(claim),
    };
  }
}
