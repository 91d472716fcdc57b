/**
 * The states that one mailbox looks at: its own from memory, else from the log's snapshots. One of
 * its own that can not be read, or is not what its digest says, is told once by an exception, which
 * stops the actor; from then on, and for what another mailbox owns, the stream's facts are folded
 * anew instead.
 */
import type { Family } from '../machines/decision.ts';
import type { StreamName } from '../machines/words.ts';
import { isIntact, type Versioned } from './fold.ts';
import type { ActorPorts, AgendaRow } from './ports.ts';
import { mendFromFacts, refold } from './refold.ts';

export class States {
  readonly #key: string;
  readonly #ports: Pick<ActorPorts, 'log' | 'journal' | 'families'>;
  readonly #known = new Map<StreamName, Versioned>();
  readonly #damaged = new Set<StreamName>();

  constructor(key: string, ports: Pick<ActorPorts, 'log' | 'journal' | 'families'>) {
    this.#key = key;
    this.#ports = ports;
  }

  /** Throws if the snapshot was found damaged just now. */
  current(stream: StreamName): Versioned | undefined {
    const known = this.#known.get(stream);
    if (known !== undefined) return known;
    const family = this.#ports.families.find((one) => one.keyOf(stream) !== undefined);
    // What another mailbox owns changes behind our back: it is read anew each time.
    const own = family?.keyOf(stream) === this.#key;
    const state = this.#damaged.has(stream)
      ? this.#refolded(family, stream)
      : this.#fromSnapshot(family, stream, own);
    if (own && state !== undefined && !state.final) this.#known.set(stream, state);
    return state;
  }

  /** After a commit. */
  remember(after: ReadonlyMap<StreamName, Versioned>): void {
    for (const [stream, state] of after) {
      if (state.final) this.#known.delete(stream);
      else this.#known.set(stream, state);
    }
  }

  /** From now on its snapshot is not looked at. */
  doubt(stream: StreamName): void {
    this.#damaged.add(stream);
  }

  /** Position of its newest fact, as far as the snapshot tells; else 0. */
  positionOf(stream: StreamName): number {
    try {
      return this.#ports.log.state(stream)?.position ?? 0;
    } catch {
      return 0;
    }
  }

  /**
   * Writes damaged rows anew from the facts. What these do not explain exactly stays as it is, and
   * is folded when it is needed. Returns the open agenda rows of the streams that are whole again.
   */
  mend(): readonly AgendaRow[] {
    const { log, journal, families } = this.#ports;
    const rows: AgendaRow[] = [];
    for (const stream of this.#damaged) {
      try {
        const family = families.find((one) => one.keyOf(stream) !== undefined);
        if (family === undefined || !mendFromFacts(log, family, stream)) continue;
        journal.warn({ stream }, 'a damaged row was written anew from its facts');
        this.#damaged.delete(stream);
        rows.push(...log.agendaOf(stream));
      } catch (err) {
        journal.error({ stream, err }, 'a damaged row can not be written anew');
      }
    }
    return rows;
  }

  #fromSnapshot(
    family: Family | undefined,
    stream: StreamName,
    own: boolean,
  ): Versioned | undefined {
    try {
      const stored = this.#ports.log.state(stream);
      if (stored === undefined) return undefined;
      if (!isIntact(stored)) throw new Error(`snapshot of ${stream} was altered`);
      const { version, value, context, final } = stored;
      return { version, state: { value, context: context as object }, final };
    } catch (error) {
      if (!own) return this.#refolded(family, stream);
      this.doubt(stream);
      throw error;
    }
  }

  #refolded(family: Family | undefined, stream: StreamName): Versioned | undefined {
    return family && refold(family, stream, this.#ports.log.readStream(stream));
  }
}
