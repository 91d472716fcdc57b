/** What a bench is: a name to ask for it by, and rows that it adds to the report. */
import type { Contenders } from './contenders.ts';
import type { Report } from './report.ts';

export interface BenchOptions {
  /** Each has a number of its own that it takes by default. */
  readonly rounds?: number;
  /** Facts in a long log. */
  readonly facts: number;
  /** Where a long log is kept for the next time; absent: it is written anew and thrown away. */
  readonly log?: string;
  /** Containers in the long list. */
  readonly many: number;
  /** Started when the first bench asks for them, one set for all benches. */
  readonly contenders: () => Promise<Contenders>;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  run(options: BenchOptions, report: Report): Promise<void>;
}
