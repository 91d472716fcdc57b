/**
 * A shell in a tmux of its own: a whole terminal emulator, so that what is looked at is the screen
 * as somebody would see it, and not the bytes that came.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './temporaryDaemon.ts';

const SHOWN_MS = 20_000;

export interface Screen {
  readonly rows: number;
  readonly columns: number;
}

const lastOf = (screen: readonly string[]): string =>
  screen.findLast((row) => row.trim() !== '') ?? '';

export class Tmux {
  readonly #socket: string;
  readonly #env: Readonly<Record<string, string | undefined>>;

  private constructor(directory: string, env: Readonly<Record<string, string | undefined>>) {
    this.#socket = join(directory, 'tmux');
    this.#env = env;
  }

  /** @param directory where its socket lies */
  static async start(
    directory: string,
    env: Readonly<Record<string, string>>,
    { rows, columns }: Screen,
  ): Promise<Tmux> {
    // A tmux in which this is run itself is no business of this one's.
    const tmux = new Tmux(directory, { ...process.env, TMUX: undefined, ...env, PS1: 'outer> ' });
    const size = ['-x', String(columns), '-y', String(rows)];
    await tmux.#do('new-session', '-d', ...size, '/bin/busybox', 'sh');
    await tmux.#do('set-option', '-g', 'status', 'off');
    await tmux.resize({ rows, columns });
    return tmux;
  }

  async #do(...args: readonly string[]): Promise<string> {
    const env = Object.fromEntries(
      Object.entries(this.#env).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    );
    const given = ['-S', this.#socket, '-f', '/dev/null', ...args];
    const { code, stdout, stderr } = await run('tmux', given, { env });
    if (code !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
    return stdout;
  }

  /** As it is on the keyboard. */
  async type(text: string): Promise<void> {
    await this.#do('send-keys', '-l', text);
  }

  /** Keys by their names: `Enter`, `Escape`, `C-c`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#do('send-keys', ...keys);
  }

  async line(text: string): Promise<void> {
    await this.type(text);
    await this.press('Enter');
  }

  async resize({ rows, columns }: Screen): Promise<void> {
    await this.#do('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What is on the screen, a line for each row. */
  async screen(): Promise<readonly string[]> {
    const all = await this.#do('capture-pane', '-p', '-N');
    return all.split('\n').slice(0, -1);
  }

  /** Resolves to the screen when it is as wanted; throws with what it shows instead. */
  async shows(wanted: (screen: readonly string[]) => boolean): Promise<readonly string[]> {
    const due = Date.now() + SHOWN_MS;
    for (;;) {
      const screen = await this.screen();
      if (wanted(screen)) return screen;
      if (Date.now() > due) throw new Error(`it shows\n${screen.join('\n')}\nnot ${wanted}`);
      await sleep(50);
    }
  }

  /** The last row that is not empty. */
  async last(): Promise<string> {
    return lastOf(await this.screen());
  }

  /** That row is like this. */
  async ends(pattern: RegExp): Promise<void> {
    await this.shows((screen) => pattern.test(lastOf(screen)));
  }

  async end(): Promise<void> {
    await this.#do('kill-server');
  }
}
