/**
 * One run of a container: reads its output into its log and to whoever is attached, writes its
 * stdin. The log comes first. A client that does not keep up holds up the output, never the
 * process.
 */
import type { Attachment, AttachTarget } from './attachment.ts';
import { type ContainerLog, type HeldLines, openContainerLog } from './containerLog.ts';
import { FifoReader } from './fifoReader.ts';
import type { FifoPaths, RunParameters, RunState } from './protocol.ts';
import { RunFiles, type SavedRun } from './runFiles.ts';
import type { OutputName } from './stdcopy.ts';
import { StdinWriter } from './stdinWriter.ts';
import { Waiters } from './waiters.ts';

export interface RunListener {
  /** The log has more. */
  readonly grew: () => void;
  /** All output has ended and is in the log. May come again if the run is opened again. */
  readonly ended: () => void;
  readonly trouble: (message: string, error: unknown) => void;
}

/** The longest that a timer takes. */
const EVER_MS = 2 ** 31 - 1;

export class Run implements AttachTarget {
  readonly parameters: RunParameters;
  readonly #files: RunFiles;
  readonly #listener: RunListener;
  readonly #log: ContainerLog;
  readonly #readers = new Map<OutputName, FifoReader>();
  readonly #clients = new Set<Attachment>();
  readonly #ends = new Waiters();
  readonly #stdinEnds = new Waiters();
  #stdin: StdinWriter | undefined;
  #stdinClosed: boolean;
  readonly #recovered: boolean;
  #logTrouble = false;
  #paused = false;
  #closed = false;
  #endSaved = false;

  /**
   * Makes and opens the run's FIFOs and log; throws what that throws, and then leaves nothing open.
   * @param recovered an earlier process had the run, and its writers may have come and gone.
   */
  constructor(dir: string, saved: SavedRun, recovered: boolean, listener: RunListener) {
    this.parameters = saved.parameters;
    this.#listener = listener;
    this.#stdinClosed = saved.stdinClosed;
    this.#recovered = recovered;
    this.#files = new RunFiles(dir, saved.parameters);
    this.#log = openContainerLog(saved.parameters, saved.held, {
      grew: () => {
        this.#logTrouble = false;
        listener.grew();
      },
      failed: (error) => this.#logFailed(error),
    });
    try {
      // Before anything is read: what comes next comes after the gap.
      if (recovered && saved.phase === 'open') this.#log.markGap();
      // Nothing comes any more of a run that had ended, unless it is opened again.
      if (saved.phase === 'ended') this.#openStdin();
      else this.open();
      this.#save({});
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  get fifos(): FifoPaths {
    return this.#files.fifos;
  }

  get ended(): boolean {
    return this.#closed || [...this.#readers.values()].every((reader) => reader.ended);
  }

  /** A process may close all its output and read on. */
  get takesInput(): boolean {
    return !this.#closed && this.#stdin !== undefined && !this.#stdinClosed;
  }

  get state(): RunState {
    const { container, run } = this.parameters;
    const { ended, takesInput } = this;
    return { container, run, ended, stdinClosed: !takesInput, clients: this.#clients.size };
  }

  /**
   * Again before each try to create the task: a task that could not be created has closed its ends,
   * or is about to, and a reader that has seen a writer go is none for the next.
   */
  open(): void {
    const again = this.#endSaved;
    this.#files.make();
    const { stdout, stderr } = this.#files.fifos;
    this.#read('stdout', stdout);
    if (stderr !== '') this.#read('stderr', stderr);
    if (again) this.#save({});
    this.#openStdin();
  }

  #openStdin(): void {
    const { stdin } = this.#files.fifos;
    if (stdin === '' || this.#stdinClosed || this.#stdin !== undefined) return;
    this.#files.make();
    this.#stdin = new StdinWriter(stdin, {
      drained: () => {
        for (const client of this.#clients) client.inputDrained();
      },
      closed: () => this.#stdinGone(),
    });
  }

  /** From now on the client gets what is written. */
  attach(client: Attachment): void {
    this.#clients.add(client);
    if (!client.join(this)) this.left(client);
  }

  /**
   * Whether all output has ended and is in the log within `ms` milliseconds. The process has
   * exited: nobody takes its input any more.
   */
  async awaitEnd(ms: number): Promise<boolean> {
    this.#stdin?.close();
    // The kernel does not tell a reader that came after the last writer had left.
    if (this.#recovered && !this.#paused) {
      for (const reader of this.#readers.values()) reader.drain();
    }
    return this.ended || (await this.#ends.wait(ms));
  }

  /** The same for as long as this process has the run, and without looking for an end. */
  async untilEnd(): Promise<boolean> {
    return this.ended || (await this.#ends.wait(EVER_MS));
  }

  async awaitStdinClosed(ms: number): Promise<boolean> {
    return this.#stdinClosed || (await this.#stdinEnds.wait(ms));
  }

  closeStdin(): void {
    if (this.#stdin === undefined) this.#stdinGone();
    this.#stdin?.end();
  }

  /** Reads what is left, ends the log and the clients, removes the run's files. */
  close(): void {
    if (this.#closed) return;
    for (const reader of this.#readers.values()) {
      reader.drain();
      reader.close();
    }
    this.#closed = true;
    this.#release();
    this.#ends.wake();
    this.#stdinEnds.wake();
    this.#files.remove();
  }

  /**
   * Lets go of everything, so that a later process goes on with the run. Who waits for its end is
   * not answered, and asks that one.
   */
  suspend(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const client of this.#clients) client.leave();
    this.#clients.clear();
    this.#save(this.#release(), true);
  }

  input(chunk: Buffer): boolean {
    return this.#stdin?.write(chunk) ?? true;
  }

  /**
   * With StdinOnce the first client to end its input ends the container's; a terminal has no end.
   */
  inputEnded(): void {
    const { openStdin, stdinOnce, tty } = this.parameters;
    if (openStdin && stdinOnce && !tty) this.closeStdin();
  }

  outputDrained(): void {
    if (!this.#paused || [...this.#clients].some((client) => client.full)) return;
    this.#paused = false;
    for (const reader of this.#readers.values()) reader.resume();
  }

  left(client: Attachment): void {
    this.#clients.delete(client);
    this.outputDrained();
  }

  #read(stream: OutputName, path: string): void {
    const before = this.#readers.get(stream);
    const reader = new FifoReader(path, {
      data: (chunk) => this.#output(stream, chunk),
      ended: () => this.#outputEnded(stream),
    });
    this.#readers.set(stream, reader);
    if (this.#paused) reader.pause();
    before?.retire();
  }

  #output(stream: OutputName, chunk: Buffer): void {
    this.#log.write(stream, chunk);
    if (this.#clients.size === 0) return;
    const copy = Buffer.from(chunk);
    let full = false;
    for (const client of this.#clients) {
      client.deliver(stream, copy);
      full ||= client.full;
    }
    if (!full || this.#paused) return;
    this.#paused = true;
    for (const reader of this.#readers.values()) reader.pause();
  }

  #outputEnded(stream: OutputName): void {
    if (this.#closed) return;
    this.#log.endStream(stream);
    if (!this.ended) return;
    this.#log.flush();
    this.#saveOrTell('cannot save that the output has ended');
    this.#finishClients();
    this.#listener.ended();
    this.#ends.wake();
  }

  /** All output has ended: only clients that still send something are left. */
  #finishClients(): void {
    this.#paused = false;
    for (const client of [...this.#clients]) {
      if (client.wants.stdin && this.takesInput) continue;
      this.#clients.delete(client);
      client.finish();
    }
  }

  #stdinGone(): void {
    if (this.#closed || this.#stdinClosed) return;
    this.#stdinClosed = true;
    this.#saveOrTell('cannot save that stdin is closed');
    this.#stdinEnds.wake();
    // Clients that were held up by a full stdin have nobody to wait for.
    for (const client of this.#clients) client.inputDrained();
    if (this.ended) this.#finishClients();
  }

  #release(): HeldLines {
    this.#closed = true;
    for (const reader of this.#readers.values()) reader.close();
    this.#stdin?.close();
    this.#finishClients();
    return this.#log.close();
  }

  #saveOrTell(message: string): void {
    try {
      this.#save({});
    } catch (error) {
      this.#listener.trouble(message, error);
    }
  }

  #save(held: HeldLines, left = false): void {
    const { parameters } = this;
    this.#endSaved = !left && this.ended;
    const phase = left ? 'left' : this.#endSaved ? 'ended' : 'open';
    this.#files.save({ parameters, stdinClosed: this.#stdinClosed, held, phase });
  }

  /** Told once until a write succeeds again: a full disk would else fill what is left of it. */
  #logFailed(error: unknown): void {
    if (this.#logTrouble) return;
    this.#logTrouble = true;
    this.#listener.trouble(`log records of ${this.parameters.container} are lost`, error);
  }
}
