/**
 * nftables, told through one `nft -i` for as long as the daemon lives. A line is one transaction:
 * all of its commands, divided by `;`, or none.
 */
import { EffectFailure } from '../failure.ts';
import { Dialogue } from './dialogue.ts';

/** What nft said to a line that it did not carry out. `kind` is `failed`: it is final as it is. */
export class NftRefused extends EffectFailure {
  /** ENOENT: the table, set or element is not there. EEXIST: an element has another value. */
  readonly code: 'ENOENT' | 'EEXIST' | 'other';

  constructor(line: string, said: string) {
    super('failed', `nft: ${said.split('\n')[0] ?? ''} (in: ${line.slice(0, 200)})`);
    this.name = 'NftRefused';
    this.code = /No such file or directory|does not exist/.test(said)
      ? 'ENOENT'
      : /File exists|already exists|conflicting intervals/.test(said)
        ? 'EEXIST'
        : 'other';
  }
}

export class Nft {
  readonly #dialogue: Dialogue;

  constructor(options: { died: (why: string) => void; deadlineMs?: number }) {
    this.#dialogue = new Dialogue({
      name: 'nft',
      script: 'exec nft -i 2>&1',
      ending: (word) => word,
      answer: answerBefore,
      deadlineMs: options.deadlineMs ?? 10_000,
      died: options.died,
    });
  }

  get pid(): number | undefined {
    return this.#dialogue.pid;
  }

  /**
   * One transaction; nothing is said when it is done. @throws NftRefused, EffectFailure of kind
   * `unavailable` or `deadline`
   */
  async run(commands: readonly string[]): Promise<void> {
    if (commands.length === 0) return;
    const line = commands.join('; ');
    const said = await this.#dialogue.ask(line);
    if (said !== '') throw new NftRefused(line, said);
  }

  close(): void {
    this.#dialogue.close();
  }
}

/**
 * A word that is no command is refused with three lines: what is wrong, the word, and a mark below
 * it. The first of them and the last are not part of any answer.
 */
export function answerBefore(
  said: string,
  word: string,
): { readonly text: string; readonly rest: string } | undefined {
  const at = said.indexOf(`${word}\n`);
  if (at < 0) return undefined;
  const mark = said.indexOf('\n', at + word.length + 1);
  if (mark < 0) return undefined;
  // By position: nft repeats a long line for each error in it, on which an expression is slow.
  const end = said.lastIndexOf('\n', at - 2) + 1;
  return { text: said.slice(0, end).trim(), rest: said.slice(mark + 1) };
}
