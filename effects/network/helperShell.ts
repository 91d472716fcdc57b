/**
 * A shell that runs the programs of the system which are needed now and then (listing the rules,
 * conntrack, iptables), so that it forks and not the daemon. What is run is made of plans alone:
 * addresses and numbers, never of a user's words.
 */
import { Dialogue } from './dialogue.ts';

export interface Ran {
  readonly code: number;
  readonly output: string;
}

export class HelperShell {
  readonly #dialogue: Dialogue;

  constructor(options: { died: (why: string) => void; deadlineMs?: number }) {
    this.#dialogue = new Dialogue({
      name: 'the helper shell',
      script: 'exec sh -s 2>&1',
      ending: (word) => `echo " ${word} $?"`,
      answer,
      deadlineMs: options.deadlineMs ?? 20_000,
      died: options.died,
    });
  }

  /** Runs one command line; its standard error is part of the output. */
  async run(words: readonly string[]): Promise<Ran> {
    const line = words.map(quoted).join(' ');
    const said = await this.#dialogue.ask(`${line} </dev/null`);
    const end = said.lastIndexOf('\n');
    return { code: Number(said.slice(end + 1)), output: said.slice(0, Math.max(0, end)) };
  }

  close(): void {
    this.#dialogue.close();
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** The text, a line break and the status. */
function answer(
  said: string,
  word: string,
): { readonly text: string; readonly rest: string } | undefined {
  const mark = ` ${word} `;
  const at = said.indexOf(mark);
  const end = at < 0 ? -1 : said.indexOf('\n', at);
  if (end < 0) return undefined;
  const before = said.slice(0, at).replace(/\n$/, '');
  return { text: `${before}\n${said.slice(at + mark.length, end)}`, rest: said.slice(end + 1) };
}
