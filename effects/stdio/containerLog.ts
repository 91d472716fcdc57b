/**
 * The log of one run: takes what the container writes, stream by stream, and puts it into the file
 * as records of its driver, once per turn of the event loop. Lines that were read at once carry one
 * time; all pieces of a long line carry the time of the first.
 */
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { nowNs } from '../system/clock.ts';
import { formatTimestamp } from '../system/timestamp.ts';
import { bytesOf, type Piece } from './bytes.ts';
import { encodeAttributes } from './jsonRecord.ts';
import { LineCutter } from './lines.ts';
import { LogFile } from './logFile.ts';
import { formatOf, type LogFormat } from './logFormat.ts';
import { logLimits } from './logOptions.ts';
import type { RunParameters } from './protocol.ts';
import type { OutputName } from './stdcopy.ts';

/** What a line that is not over needs in order to be gone on with. */
export interface HeldLine {
  readonly base64: string;
  readonly first: boolean;
  readonly time: string;
}
export type HeldLines = Partial<Record<OutputName, HeldLine>>;

export interface ContainerLog {
  write(stream: OutputName, chunk: Buffer): void;
  /** The stream is over: what is held of a line is its end. */
  endStream(stream: OutputName): void;
  /** Says, as a record of its own, that output may be missing here. */
  markGap(): void;
  /** Puts everything that was written into the file now. */
  flush(): void;
  /** Flushes and closes; what is held of lines is returned instead of written. */
  close(): HeldLines;
}

export interface LogListeners {
  /** The file has more than before. */
  readonly grew: () => void;
  /** Records were lost. */
  readonly failed: (error: unknown) => void;
}

/** What is shown where the process was killed that read the output. */
export const gapText = 'shiplog: output may be missing here';
/** Tells the record from what a container writes itself. */
const gapAttributes = { 'shiplog.gap': 'the stdio process was killed' };

/** A log that keeps nothing. */
export const noLog: ContainerLog = {
  write: () => undefined,
  endStream: () => undefined,
  markGap: () => undefined,
  flush: () => undefined,
  close: () => ({}),
};

/** Opens the run's log. Throws for a bad option and what opening the file throws. */
export function openContainerLog(
  parameters: RunParameters,
  held: HeldLines,
  listeners: LogListeners,
): ContainerLog {
  const { logDriver, logOptions, logPath } = parameters;
  if (logDriver === 'none') return noLog;
  const limits = logLimits(logDriver, logOptions);
  if (logDriver === 'local') makeDirectory(dirname(logPath));
  const file = new LogFile(logPath, limits, listeners.failed);
  const format = formatOf(logDriver);
  file.mend(format.mend);
  return new FileLog({ file, format, parameters, listeners }, held);
}

/** The driver's own, below the container's. */
function makeDirectory(path: string): void {
  if (!fs.existsSync(path)) fs.mkdirSync(path, { mode: 0o710 });
}

interface Output {
  readonly cutter: LineCutter;
  /** Time of the line that is being cut, and what its records share. */
  time: string;
  shared: Buffer;
}

interface Opened {
  readonly file: LogFile;
  readonly format: LogFormat;
  readonly parameters: RunParameters;
  readonly listeners: LogListeners;
}

class FileLog implements ContainerLog {
  readonly #file: LogFile;
  readonly #format: LogFormat;
  readonly #parameters: RunParameters;
  readonly #attributes: string;
  readonly #listeners: LogListeners;
  readonly #outputs: Readonly<Record<OutputName, Output>>;
  /** Of what is being written; empty until a line needs it. */
  #time = '';
  #flushAsked = false;
  #closed = false;

  constructor({ file, format, parameters, listeners }: Opened, held: HeldLines) {
    this.#file = file;
    this.#format = format;
    this.#parameters = parameters;
    this.#attributes = encodeAttributes(parameters.logAttributes ?? {});
    this.#listeners = listeners;
    this.#outputs = {
      stdout: this.#output('stdout', held.stdout),
      stderr: this.#output('stderr', held.stderr),
    };
  }

  #output(stream: OutputName, held: HeldLine | undefined): Output {
    const cutter = new LineCutter((piece, first) => {
      if (first) this.#date(output, stream);
      this.#append(piece, output.shared);
    });
    const time = held?.time ?? '';
    const shared = this.#format.shared(stream, this.#attributes, time);
    const output: Output = { cutter, time, shared };
    if (held !== undefined) cutter.restore(Buffer.from(held.base64, 'base64'), held.first);
    return output;
  }

  #date(output: Output, stream: OutputName): void {
    this.#time ||= formatTimestamp(nowNs());
    if (output.time === this.#time) return;
    output.time = this.#time;
    output.shared = this.#format.shared(stream, this.#attributes, output.time);
  }

  write(stream: OutputName, chunk: Buffer): void {
    this.#time = '';
    this.#outputs[stream].cutter.push(chunk);
  }

  endStream(stream: OutputName): void {
    this.#time = '';
    this.#outputs[stream].cutter.flush();
  }

  markGap(): void {
    const { tty, logAttributes } = this.#parameters;
    const attributes = encodeAttributes({ ...logAttributes, ...gapAttributes });
    const time = formatTimestamp(nowNs());
    // Of a terminal there is only one stream, and no newline returns to the line's begin.
    const line = Buffer.from(tty ? `\r\n${gapText}\r\n` : `${gapText}\n`);
    try {
      if (this.#parameters.logDriver === 'json-file') this.#file.endLine();
    } catch (error) {
      this.#listeners.failed(error);
    }
    const shared = this.#format.shared(tty ? 'stdout' : 'stderr', attributes, time);
    this.#append({ bytes: bytesOf(line), from: 0, to: line.length }, shared);
  }

  flush(): void {
    if (!this.#file.pending) return;
    try {
      this.#file.flush();
      this.#listeners.grew();
    } catch (error) {
      this.#listeners.failed(error);
    }
  }

  close(): HeldLines {
    if (this.#closed) return {};
    this.flush();
    this.#closed = true;
    this.#file.close();
    const { stdout, stderr } = this.#outputs;
    return { ...heldLine('stdout', stdout), ...heldLine('stderr', stderr) };
  }

  #append(piece: Piece, shared: Buffer): void {
    try {
      const at = this.#file.reserve(this.#format.most(piece, shared));
      this.#file.added(this.#format.encode(piece, shared, this.#file.block, at));
    } catch (error) {
      this.#listeners.failed(error);
    }
    this.#askFlush();
  }

  #askFlush(): void {
    if (this.#flushAsked) return;
    this.#flushAsked = true;
    setImmediate(() => {
      this.#flushAsked = false;
      if (!this.#closed) this.flush();
    });
  }
}

function heldLine(stream: OutputName, output: Output): HeldLines {
  const { bytes, first } = output.cutter.held();
  if (bytes.length === 0 && first) return {};
  return { [stream]: { base64: bytes.toString('base64'), first, time: output.time } };
}
