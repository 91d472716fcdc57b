/**
 * A program on a terminal of its own: what is typed goes in, what it shows is waited for. The
 * terminal is the program's controlling one, so that a change of its size is a SIGWINCH to it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { checked, libcFunction } from '../../effects/system/libc.ts';

const control = libcFunction<(fd: number, request: number, argument: Buffer) => number>(
  'int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)',
);
const GET_NUMBER = 0x8004_5430;
const SET_LOCK = 0x4004_5431;
const SET_SIZE = 0x5414;

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

function setSize(fd: number, { rows, columns }: Size): void {
  const size = Buffer.alloc(8);
  size.writeUInt16LE(rows, 0);
  size.writeUInt16LE(columns, 2);
  checked(control(fd, SET_SIZE, size), 'ioctl', 'TIOCSWINSZ');
}

/** Both ends of a new terminal, as file descriptors. */
function openTerminal(): { readonly master: number; readonly slave: number } {
  const flags = constants.O_RDWR | constants.O_NOCTTY;
  const master = openSync('/dev/ptmx', flags);
  checked(control(master, SET_LOCK, Buffer.alloc(4)), 'ioctl', 'TIOCSPTLCK');
  const number = Buffer.alloc(4);
  checked(control(master, GET_NUMBER, number), 'ioctl', 'TIOCGPTN');
  return { master, slave: openSync(`/dev/pts/${number.readUInt32LE()}`, flags) };
}

export class Terminal {
  readonly #master: number;
  readonly #stream: ReadStream;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #shown = '';
  #seen = 0;

  constructor(
    argv: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    size: Size = { rows: 33, columns: 77 },
  ) {
    const { master, slave } = openTerminal();
    setSize(master, size);
    this.#master = master;
    this.#stream = new ReadStream(master);
    this.#stream.on('data', (chunk: Buffer) => {
      this.#shown += chunk.toString('utf8');
    });
    // The end of the program is an EIO here.
    this.#stream.on('error', () => undefined);
    const options = { stdio: [slave, slave, slave], env: { ...env, TERM: 'xterm' } };
    this.#child = spawn('setsid', ['--ctty', ...argv], options);
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code) => resolve(code ?? 137));
    });
    closeSync(slave);
  }

  /** All that it has shown. */
  get shown(): string {
    return this.#shown;
  }

  type(text: string): void {
    this.#stream.write(text);
  }

  resize(size: Size): void {
    setSize(this.#master, size);
  }

  /** Resolves when something like it is shown that was not waited for before; 15 s at most. */
  async shows(pattern: RegExp): Promise<void> {
    const due = Date.now() + 15_000;
    for (;;) {
      const found = pattern.exec(this.#shown.slice(this.#seen));
      if (found !== null) {
        this.#seen += found.index + found[0].length;
        return;
      }
      if (Date.now() > due) {
        this.kill();
        throw new Error(`${pattern} is not shown, but ${JSON.stringify(this.#shown)}`);
      }
      await sleep(20);
    }
  }

  /** Its exit status; it is killed if it does not end within 15 s. */
  async end(): Promise<number> {
    const over = new AbortController();
    const late = sleep(15_000, 'late', { signal: over.signal }).catch(() => 'over');
    const code = await Promise.race([this.#ended, late]);
    over.abort();
    this.#stream.destroy();
    if (typeof code === 'number') return code;
    this.kill();
    throw new Error(`it does not end, and shows ${JSON.stringify(this.#shown)}`);
  }

  /** Ends the program at once, as a terminal's window that is closed by force. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
