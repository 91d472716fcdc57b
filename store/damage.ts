/**
 * What is said of a row that cannot be read: which one, of which stream, and why. A damaged row is
 * left out of what is read and told once; only who asks for the state of that very stream gets an
 * error, so that one damaged stream stops one actor and all others go on.
 */

export interface Damage {
  readonly table: 'facts' | 'streams' | 'agenda';
  /** Its position, agenda id, or the stream's name. */
  readonly row: string;
  readonly stream: string;
  readonly problem: string;
}

/** The snapshot of a stream cannot be read. Its facts may still be. */
export class DamagedRowError extends Error {
  override readonly name = 'DamagedRowError';
  readonly damage: Damage;

  constructor(damage: Damage) {
    super(`${damage.table} ${damage.row}: ${damage.problem}`);
    this.damage = damage;
  }
}

export interface DamageRecord {
  /** Found so far, oldest first. At most `MOST_KEPT` of them. */
  readonly found: readonly Damage[];
  /** The value read, or undefined if that throws: then the row is damaged. */
  read<T>(where: Omit<Damage, 'problem'>, read: () => T): T | undefined;
}

/** Beyond that many nothing is told any more: the first say enough. */
const MOST_KEPT = 1_000;

/** @param told called once for each damaged row */
export function damageRecord(told: (damage: Damage) => void = () => undefined): DamageRecord {
  const found: Damage[] = [];
  const known = new Set<string>();
  return {
    found,
    read(where, read) {
      try {
        return read();
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        const key = `${where.table} ${where.row}`;
        if (!known.has(key) && found.length < MOST_KEPT) {
          known.add(key);
          found.push({ ...where, problem });
          told({ ...where, problem });
        }
        return undefined;
      }
    },
  };
}
