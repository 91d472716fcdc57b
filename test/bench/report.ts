/**
 * What benches have measured: rows of samples, one list for each contender, told as medians and as
 * ratios to dockerd, in a table and as JSON. An aim is compared, never asserted.
 */
import { availableParallelism } from 'node:os';
import { median } from './median.ts';

/** `ratio`: of shiplog's median to dockerd's. */
export type Aim =
  | { readonly ratio: number }
  | { readonly atMost: number }
  | { readonly atLeast: number };

export interface Row {
  readonly name: string;
  /** Of each sample: `ms`, `MiB`, `facts/s`, … */
  readonly unit: string;
  /** By contender; `shiplog` first. */
  readonly samples: Readonly<Record<string, readonly number[]>>;
  readonly aim?: Aim;
}

/** A row as it stands in the table and the JSON. */
export interface Result {
  readonly bench: string;
  readonly row: string;
  readonly unit: string;
  /** Samples of each contender. */
  readonly rounds: number;
  readonly medians: Readonly<Record<string, number>>;
  /** shiplog's median to dockerd's; absent where there is no dockerd. */
  readonly ratio?: number;
  readonly aim?: Aim;
  readonly met?: boolean;
}

const CONTENDERS = ['shiplog', 'dockerd', 'containerd'] as const;

function isMet(aim: Aim, ours: number, ratio: number | undefined): boolean | undefined {
  if ('atMost' in aim) return ours <= aim.atMost;
  if ('atLeast' in aim) return ours >= aim.atLeast;
  return ratio === undefined ? undefined : ratio <= aim.ratio;
}

function aimText(aim: Aim | undefined): string {
  if (aim === undefined) return '';
  if ('atMost' in aim) return `at most ${aim.atMost}`;
  return 'atLeast' in aim ? `at least ${aim.atLeast}` : `ratio ${aim.ratio}`;
}

function numberText(value: number | undefined): string {
  if (value === undefined) return '';
  if (value >= 1_000) return Math.round(value).toString();
  return value.toFixed(value < 10 ? 2 : 1);
}

export function resultOf(bench: string, { name, unit, samples, aim }: Row): Result {
  const entries = Object.entries(samples).map(([who, all]) => [who, median(all)] as const);
  const medians: Readonly<Record<string, number>> = Object.fromEntries(entries);
  const { shiplog: ours = Number.NaN, dockerd: theirs } = medians;
  const ratio = theirs === undefined ? undefined : ours / theirs;
  const met = aim === undefined ? undefined : isMet(aim, ours, ratio);
  return {
    bench,
    row: name,
    unit,
    rounds: samples['shiplog']?.length ?? 0,
    medians,
    ...(ratio === undefined ? {} : { ratio }),
    ...(aim === undefined ? {} : { aim }),
    ...(met === undefined ? {} : { met }),
  };
}

/** One line of the table, without the bench's name. */
function line({ row, unit, medians, ratio, aim, met }: Result): string {
  const cells = CONTENDERS.map((who) => numberText(medians[who]).padStart(11));
  const verdict = met === undefined ? '' : met ? ' met' : ' MISSED';
  const told = `${(ratio?.toFixed(2) ?? '').padStart(7)}  ${aimText(aim)}${verdict}`;
  return `${row.padEnd(40)}${unit.padEnd(9)}${cells.join('')}${told}`.trimEnd();
}

const HEAD = `${'median of'.padEnd(49)}${CONTENDERS.map((who) => who.padStart(11)).join('')}`;

export class Report {
  readonly #results: Result[] = [];
  #bench = '';

  /** What follows belongs to this bench. */
  begin(bench: string, about: string): void {
    this.#bench = bench;
    console.log(`\n${bench}: ${about}\n${HEAD}  ratio  aim`);
  }

  row(row: Row): void {
    const result = resultOf(this.#bench, row);
    this.#results.push(result);
    console.log(line(result));
  }

  /** All rows so far, and the machine that they were measured on. */
  json(): string {
    const machine = { cpus: availableParallelism(), node: process.version };
    return `${JSON.stringify({ machine, results: this.#results }, null, 2)}\n`;
  }
}
