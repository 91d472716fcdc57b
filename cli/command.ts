/** What a subcommand is. Each is a file of its own in commands/, and a row of commands.ts. */

export interface Surroundings {
  /** To standard output; a newline at the end is added if there is none. */
  print(text: string): void;
  /**
   * A line that is written over itself, for long work, on the terminal of standard error; nothing
   * where that is none. Empty: the line goes away.
   */
  progress(text: string): void;
  /** Until the return key is pressed, or standard input ends. */
  pause(): Promise<void>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether standard output is a terminal: what people see may have colours. */
  readonly terminal: boolean;
}

export interface Command {
  readonly name: string;
  /** After `shiplog `, e.g. `inspect CONTAINER`. */
  readonly usage: string;
  /** Paragraphs that teach what it does, and what its exit status means. */
  readonly text: string;
  /** Flags beside those that all commands have: how it is written, and what it does. */
  readonly flags: readonly (readonly [written: string, does: string])[];
  readonly examples: readonly string[];
  /** It answers --help itself. */
  readonly ownHelp?: true;
  /** It works on files and asks no daemon: it has no --host. */
  readonly offline?: true;
  /** @returns exit status. @throws OptionError, ClientError: status 1, with its text */
  run(argv: readonly string[], around: Surroundings): Promise<number>;
}

/** Exit statuses, the same for every command. */
export const OK = 0;
/** Something differs, or needs somebody: not a failure of the command. */
export const ATTENTION = 2;

/** Where `npm start` lets a daemon listen. */
export const DEFAULT_HOST = 'unix:///run/shiplog/shiplog.sock';
