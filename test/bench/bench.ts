/** What a bench is: a name to ask for it by, and what it prints. */
export interface BenchOptions {
  /** Each has a number of its own that it takes by default. */
  readonly rounds?: number;
  /** Facts in a long log. */
  readonly facts: number;
  /** Where a long log is kept for the next time; absent: it is written anew and thrown away. */
  readonly log?: string;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  run(options: BenchOptions): Promise<void>;
}
