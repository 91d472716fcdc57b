/**
 * All actors: finds the one that an input is for, loads it when it is first needed, and lets go
 * of it when nothing is under way.
 */
import type { Command, Family, Observation } from '../machines/decision.ts';
import type { EffectType } from '../machines/effects.ts';
import type { Caller, EffectResult, JsonObject, StreamName } from '../machines/words.ts';
import { Actor, type CommandResult } from './actor.ts';
import { Agenda, type AgendaCounts, type Progress } from './agenda.ts';
import { isIntact } from './fold.ts';
import type { ActorPorts, AgendaRow } from './ports.ts';

/** Loaded actors above this number are let go when they are idle. */
const KEEP_LOADED = 2_000;

export interface Origin {
  readonly request: string;
  readonly caller: Caller;
  /** null: waits until it is settled, however long that takes. */
  readonly deadlineMs: number | null;
}

export class ActorSystem {
  readonly #ports: ActorPorts;
  readonly #agenda: Agenda;
  readonly #actors = new Map<string, Actor>();

  constructor(ports: ActorPorts) {
    this.#ports = ports;
    this.#agenda = new Agenda(ports, {
      laneOf: (stream) => this.#locate(stream).key,
      subjectOf: (stream) => this.#actorOf(stream).subject(stream),
      deliver: (row, result) => this.#deliver(row, result),
      probe: ports.probe,
    });
  }

  /**
   * Puts on the agenda what the log has open, and stops the actors whose row in the log was damaged
   * or altered. Nothing is carried out before `start`.
   */
  load(): void {
    const { log } = this.#ports;
    const rows = log.agenda();
    for (const { stream, ...state } of log.unproven()) {
      if (!isIntact(state)) this.#quarantine(stream, 'its recorded state was altered');
    }
    for (const { table, stream, problem } of log.damage()) {
      if (table !== 'facts') this.#quarantine(stream, `its row in ${table} is damaged: ${problem}`);
    }
    for (const row of rows) this.#agenda.open(row);
  }

  /** After reconcile: the open agenda is carried out. */
  start(): void {
    this.#agenda.start();
  }

  /** Resolves when the outcomes of all of these agenda rows are on record. */
  closed(ids: readonly string[]): Promise<void> {
    return this.#agenda.allClosed(ids);
  }

  /** What is open and what waits for what, for status and metrics. Cheap. */
  counts(): AgendaCounts {
    return this.#agenda.counts();
  }

  /** Of an open agenda row: what was tried in vain. */
  progress(id: string): Progress {
    return this.#agenda.progress(id);
  }

  stop(): void {
    this.#agenda.stop();
  }

  /** Containerd is back: what waits for it goes on at once. */
  wake(): void {
    this.#agenda.wake();
  }

  submit<C extends Command>(family: Family<C>, command: C, origin: Origin): Promise<CommandResult> {
    const key = family.keyOfCommand(command);
    return this.#actor(key, family).submit(command, origin);
  }

  observe(stream: StreamName, observation: Observation): Promise<void> {
    return this.#actorOf(stream).observe({ kind: 'observation', observation });
  }

  #deliver(row: AgendaRow, result: EffectResult): void {
    const effect = { type: row.type as EffectType, params: row.params as JsonObject };
    this.#actorOf(row.stream).outcome(row.id, {
      kind: 'outcome',
      stream: row.stream,
      effect,
      result,
    });
  }

  #quarantine(stream: StreamName, reason: string): void {
    if (this.#ports.families.some((family) => family.keyOf(stream) !== undefined)) {
      this.#actorOf(stream).quarantine(stream, reason);
    } else this.#ports.journal.error({ stream, reason }, 'nobody has this stream');
  }

  #locate(stream: StreamName): { readonly key: string; readonly family: Family } {
    for (const family of this.#ports.families) {
      const key = family.keyOf(stream);
      if (key !== undefined) return { key, family };
    }
    throw new Error(`no family for stream ${stream}`);
  }

  #actorOf(stream: StreamName): Actor {
    const { key, family } = this.#locate(stream);
    return this.#actor(key, family);
  }

  #actor(key: string, family: Family): Actor {
    const known = this.#actors.get(key);
    if (known !== undefined) return known;
    if (this.#actors.size >= KEEP_LOADED) this.#letGoOfIdle();
    const actor = new Actor(key, family, this.#ports, this.#agenda);
    this.#actors.set(key, actor);
    return actor;
  }

  #letGoOfIdle(): void {
    for (const [key, actor] of this.#actors) if (actor.idle) this.#actors.delete(key);
  }
}
