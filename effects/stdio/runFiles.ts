/**
 * Where a run's FIFOs and its parameters lie: `<dir>/<container>/<run>-stdin|stdout|stderr` and
 * `<run>.json`. The json is written last and removed last, so that a process started anew finds
 * whatever has to be opened or removed.
 */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { mkfifo } from '../system/fifo.ts';
import type { HeldLines } from './containerLog.ts';
import { asFields, runParameters, text, yesNo } from './messageShape.ts';
import { fifoPaths } from './places.ts';
import type { FifoPaths, RunParameters } from './protocol.ts';

/** What survives this process. */
export interface SavedRun {
  readonly parameters: RunParameters;
  readonly stdinClosed: boolean;
  /** Beginnings of lines that a process which was shut down had read. */
  readonly held: HeldLines;
  /**
   * `open`: a process has it, or had it when it was killed: then what it had read and not yet
   * written is lost. `ended`: all output has ended and is in the log. `left`: given over in order.
   */
  readonly phase: 'open' | 'ended' | 'left';
}

export class RunFiles {
  readonly fifos: FifoPaths;
  readonly #dir: string;
  readonly #record: string;

  constructor(dir: string, parameters: RunParameters) {
    const { container, run } = parameters;
    this.#dir = join(dir, container);
    this.#record = join(this.#dir, `${run}.json`);
    this.fifos = fifoPaths(dir, parameters);
  }

  /** Makes the directory and FIFOs that are not there. */
  make(): void {
    fs.mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    for (const path of Object.values(this.fifos)) {
      if (path !== '') mkfifo(path, 0o700);
    }
  }

  save(saved: SavedRun): void {
    const next = `${this.#record}.next`;
    fs.writeFileSync(next, JSON.stringify(saved), { mode: 0o600 });
    fs.renameSync(next, this.#record);
  }

  /** Removes everything of the run; the container's directory, too, when it was the last. */
  remove(): void {
    for (const path of Object.values(this.fifos)) {
      if (path !== '') fs.rmSync(path, { force: true });
    }
    fs.rmSync(this.#record, { force: true });
    if (fs.existsSync(this.#dir) && fs.readdirSync(this.#dir).length === 0) {
      fs.rmdirSync(this.#dir);
    }
  }
}

/** Removes what may be left of a run that nobody remembers. */
export function removeRemains(dir: string, container: string, run: number): void {
  const own = join(dir, container);
  if (!fs.existsSync(own)) return;
  const names = ['-stdin', '-stdout', '-stderr', '.json', '.json.next'];
  for (const name of names) fs.rmSync(join(own, `${run}${name}`), { force: true });
  if (fs.readdirSync(own).length === 0) fs.rmdirSync(own);
}

/**
 * All saved runs, a container's in the order of their numbers; `broken` is told of unreadable ones.
 */
export function savedRuns(dir: string, broken: (path: string, error: unknown) => void): SavedRun[] {
  const runs: SavedRun[] = [];
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    for (const name of fs.readdirSync(join(dir, entry.name))) {
      if (!/^\d+\.json$/.test(name)) continue;
      const path = join(dir, entry.name, name);
      try {
        runs.push(parseSaved(JSON.parse(fs.readFileSync(path, 'utf8'))));
      } catch (error) {
        broken(path, error);
      }
    }
  }
  return runs.sort((a, b) => a.parameters.run - b.parameters.run);
}

function parseSaved(value: unknown): SavedRun {
  const fields = asFields(value);
  const held: HeldLines = {};
  const lines = asFields(fields['held'] ?? {});
  for (const stream of ['stdout', 'stderr'] as const) {
    if (lines[stream] === undefined) continue;
    const line = asFields(lines[stream]);
    held[stream] = {
      base64: text(line, 'base64'),
      first: yesNo(line, 'first'),
      time: text(line, 'time'),
    };
  }
  const parameters = runParameters(fields['parameters']);
  const said = fields['phase'];
  const phase = said === 'ended' || said === 'left' ? said : 'open';
  return { parameters, stdinClosed: yesNo(fields, 'stdinClosed'), held, phase };
}
