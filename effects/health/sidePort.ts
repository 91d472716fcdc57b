/** The daemon's side table as handlers see it: what they tell beside the log, and keep a few of. */
import type { JsonValue } from '../../machines/words.ts';

export interface SidePort {
  /** Tells an event that changes no state. */
  note(note: {
    readonly subject: string;
    readonly action: string;
    readonly attributes: Readonly<Record<string, string>>;
  }): void;
  /** Keeps `data`, and of its subject and kind the newest `most`. */
  keep(subject: string, kind: string, data: JsonValue, most: number): void;
  /** What is kept, oldest first. */
  kept(subject: string, kind: string): readonly JsonValue[];
  /** Drops what is kept of the subject. */
  forget(subject: string): void;
}
