/**
 * iproute2, told through one `ip -batch` for as long as the daemon lives. A command that fails is
 * passed over by `-force`; what it said is the answer.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EffectFailure } from '../failure.ts';
import { randomHex } from '../system/ids.ts';
import { codeOf } from '../system/libc.ts';
import { Dialogue } from './dialogue.ts';

/** How files with commands for inside a namespace begin. */
const BATCH = 'ip-';
const DEADLINE_MS = 20_000;

export class IpTool {
  readonly #dialogue: Dialogue;
  readonly #directory: string;

  /** @param directory for the files that commands inside a namespace are read from */
  constructor(directory: string, died: (why: string) => void) {
    this.#directory = directory;
    this.#dialogue = new Dialogue({
      name: 'ip',
      script: 'exec ip -force -batch - 2>&1',
      ending: (word) => word,
      answer,
      deadlineMs: DEADLINE_MS,
      died,
    });
  }

  /** What a killed daemon left of its files. */
  static async clear(directory: string): Promise<void> {
    const left = readdirSync(directory).filter((name) => name.startsWith(BATCH));
    for (const name of left) await rm(join(directory, name), { force: true });
  }

  get pid(): number | undefined {
    return this.#dialogue.pid;
  }

  /** All of the lines, in their order. @throws EffectFailure with what `ip` complained about */
  async run(lines: readonly string[]): Promise<void> {
    const said = await this.#dialogue.ask(lines.join('\n'));
    const complaint = complaintIn(said);
    if (complaint !== '') throw new EffectFailure('failed', `ip: ${complaint}`);
  }

  /** The same inside of a namespace, and what belongs to it, in the same breath. */
  async inside(namespace: string, lines: readonly string[], beside: InBreath = {}): Promise<void> {
    const { before = [], settings = [], after = [] } = beside;
    const file = join(this.#directory, `${BATCH}${randomHex(8)}`);
    const program = settings.length === 0 ? 'ip -force -batch' : 'sh';
    await writeFile(file, settings.length === 0 ? batchOf(lines) : scriptOf(settings, lines));
    try {
      await this.run([...before, `netns exec ${namespace} ${program} ${file}`, ...after]);
    } finally {
      await rm(file, { force: true });
    }
  }

  /**
   * Forgets what it knows of links: it remembers the number of each name, which is another one when
   * the name comes again.
   */
  renew(): void {
    this.#dialogue.renew();
  }

  close(): void {
    this.#dialogue.close();
  }
}

export interface InBreath {
  /** Outside of the namespace. */
  readonly before?: readonly string[];
  /** Of the kernel, inside, before the lines; one that it does not have is left out. */
  readonly settings?: readonly KernelSetting[];
  /** Outside of it. */
  readonly after?: readonly string[];
}

export interface KernelSetting {
  /** Below /proc/sys. */
  readonly path: string;
  readonly value: number;
}

const batchOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** Settings of a network are seen within its namespace alone, and `ip` can not write them. */
function scriptOf(settings: readonly KernelSetting[], lines: readonly string[]): string {
  const written = settings.map(({ path, value }) => {
    const file = `/proc/sys/${path}`;
    return `[ ! -e ${file} ] || echo ${value} >${file}\n`;
  });
  return `${written.join('')}exec ip -force -batch - <<'END'\n${batchOf(lines)}END\n`;
}

/** The word is an object that `ip` does not know; two lines tell so. */
function answer(said: string, word: string) {
  const mark = `Object "${word}" is unknown`;
  const at = said.indexOf(mark);
  const failed = at < 0 ? -1 : said.indexOf('Command failed', at);
  const end = failed < 0 ? -1 : said.indexOf('\n', failed);
  return end < 0 ? undefined : { text: said.slice(0, at), rest: said.slice(end + 1) };
}

const complaintIn = (said: string): string =>
  said
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Command failed'))
    .join('; ');

/** What the kernel shows of links; asked without `ip`. */
export const linkExists = (name: string): boolean => existsSync(`/sys/class/net/${name}`);

export const linkNames = (): readonly string[] => readdirSync('/sys/class/net');

/** Of the bridge that it hangs on; undefined: on none. */
export function isOn(link: string, bridge: string): boolean {
  return existsSync(`/sys/class/net/${bridge}/brif/${link}`);
}

/** Whether somebody has set it up: the last step of an attach. */
export function isUp(link: string): boolean {
  return (Number(textOf(`/sys/class/net/${link}/flags`)) & 1) === 1;
}

/** What was written beside a link's name. */
export const aliasOf = (link: string): string => textOf(`/sys/class/net/${link}/ifalias`).trim();

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENODEV' || code === 'EINVAL') return '';
    throw error;
  }
}

const NAMESPACES = '/run/netns';

/** `file`: the name of one that was never finished, or whose namespace is gone. */
export function namespaceState(name: string): 'there' | 'file' | 'absent' {
  const file = statSync(join(NAMESPACES, name), { throwIfNoEntry: false });
  if (file === undefined) return 'absent';
  return file.dev === statSync(NAMESPACES).dev ? 'file' : 'there';
}

export function namespaceNames(): readonly string[] {
  return existsSync(NAMESPACES) ? readdirSync(NAMESPACES) : [];
}
