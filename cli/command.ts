/** What a subcommand is. Each is a file of its own in commands/, and a row of commands.ts. */

export interface Surroundings {
  /** To standard output; a newline at the end is added if there is none. */
  print(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** After `shiplog `, e.g. `inspect CONTAINER`. */
  readonly usage: string;
  /** Paragraphs that teach what it does, and what its exit status means. */
  readonly text: string;
  /** Flags beside those that all commands have: how it is written, and what it does. */
  readonly flags: readonly (readonly [written: string, does: string])[];
  readonly examples: readonly string[];
  /** It answers --help itself. */
  readonly ownHelp?: true;
  /** @returns exit status. @throws OptionError, ClientError: status 1, with its text */
  run(argv: readonly string[], around: Surroundings): Promise<number>;
}

/** Exit statuses, the same for every command. */
export const OK = 0;
/** Something differs, or needs somebody: not a failure of the command. */
export const ATTENTION = 2;
