/**
 * The lives of made-up containers, as rows: decided and folded by the real machines, with a world
 * that answers every effect at once. Only the log's position is kept track of by hand, because the
 * rows of many decisions are written in one turn.
 */
import { foldDrafts, type Versioned } from '../../actors/fold.ts';
import type { NewFact, NewSecret } from '../../actors/ports.ts';
import type { ContainerCommand } from '../../machines/container.commands.ts';
import { containerFamily } from '../../machines/container.family.ts';
import type { Input } from '../../machines/decision.ts';
import type { EffectType } from '../../machines/effects.ts';
import type { EffectResult, JsonObject, JsonValue } from '../../machines/words.ts';

/** One append. */
export interface Written {
  readonly facts: readonly NewFact[];
  readonly secrets: readonly NewSecret[];
}

interface Open {
  readonly id: string;
  readonly stream: string;
  readonly key: string;
  readonly type: string;
  readonly params: JsonObject;
}

const done = (data: JsonObject = {}): EffectResult => ({ ok: true, data });

/** What the made-up world answers; timers never fall due, for all is over before. */
function answerOf(type: string, code: number, nowNs: bigint): EffectResult | undefined {
  const atNs = String(nowNs);
  switch (type) {
    case 'root.prepare':
      return done({ snapshotter: 'overlayfs' });
    case 'task.create':
      return done({ pid: 4_711, startTime: '123456', bootId: 'made-up' });
    case 'task.start':
      return done({ pid: 4_711, atNs });
    case 'task.await-exit': {
      const evidence = 'task status STOPPED';
      return done({ code, atNs, oomKilled: false, outputEnded: true, evidence });
    }
    default:
      return type === 'timer' ? undefined : done();
  }
}

export interface Source {
  /** Position of the newest fact that was written or handed out. */
  position(): number;
  nowNs(): bigint;
  /** Takes the rows; they get the positions that follow. */
  write(written: Written): void;
}

export class Life {
  readonly #source: Source;
  readonly #states = new Map<string, Versioned>();
  readonly #open = new Map<string, Open>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** Carries the command to its end; throws if it is refused. `code`: with what a run ends. */
  run(command: ContainerCommand, code = 0): void {
    const kind = this.#step({ kind: 'command', command }, null, command.type);
    if (kind !== 'facts') throw new Error(`${command.type} of a made-up container: ${kind}`);
    for (let next = this.#nextAnswer(code); next !== undefined; next = this.#nextAnswer(code)) {
      const { id, stream, type, params } = next.row;
      const effect = { type: type as EffectType, params };
      this.#step({ kind: 'outcome', stream, effect, result: next.result }, id, null);
    }
  }

  #nextAnswer(code: number): { readonly row: Open; readonly result: EffectResult } | undefined {
    for (const row of this.#open.values()) {
      const result = answerOf(row.type, code, this.#source.nowNs());
      if (result !== undefined) return { row, result };
    }
    return undefined;
  }

  #step(input: Input, answered: string | null, command: string | null): string {
    const view = {
      state: (stream: string) => this.#states.get(stream)?.state,
      holder: () => undefined,
      sharers: () => [],
      held: () => [],
    };
    const decision = containerFamily.decide(view, input as never);
    if (decision.kind !== 'facts') return decision.kind;
    const cause: JsonValue =
      answered === null ? { command, request: 'bench' } : { effect: answered };
    const { rows, after } = foldDrafts({
      family: containerFamily as never,
      drafts: decision.drafts,
      current: (stream) => this.#states.get(stream),
      openRows: (stream, key) => this.#openRows(stream, key),
      answered,
      cause,
      caller: answered === null ? { kind: 'unix', uid: 0, pid: 1, executable: 'docker' } : null,
    });
    for (const [stream, state] of after) this.#states.set(stream, state);
    this.#take(rows);
    const secrets = (decision.secrets ?? []).map(({ ref, salt, value }) => {
      return { digest: ref.digest, salt, value };
    });
    this.#source.write({ facts: rows, secrets });
    return decision.kind;
  }

  /** @param key null: all of the stream */
  #openRows(stream: string, key: string | null): string[] {
    const rows = [...this.#open.values()].filter((row) => row.stream === stream);
    return rows.filter((row) => key === null || row.key === key).map(({ id }) => id);
  }

  #take(rows: readonly NewFact[]): void {
    const first = this.#source.position() + 1;
    for (const [index, { stream, answers, effects }] of rows.entries()) {
      for (const id of answers) this.#open.delete(id);
      for (const [place, { type, params, key = type }] of effects.entries()) {
        if (type === 'cancel') continue;
        const id = `${first + index}.${place}`;
        this.#open.set(id, { id, stream, key, type, params: params as JsonObject });
      }
    }
  }
}
