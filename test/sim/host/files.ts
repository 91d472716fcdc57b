/** A simulated file tree, and the mounts on it. It outlives the daemon. */
import type { Mount } from '../../../effects/containerd/types.ts';
import type { Truth } from '../truth.ts';

interface Mounted {
  /** Where the writable layer lies. */
  readonly source: string;
  /** What lay at the target and below it before. */
  readonly covered: ReadonlyMap<string, string | null>;
}

const codeError = (code: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${path}`), { code });

export class FileTree {
  /** Text by path; null: a directory. */
  #entries = new Map<string, string | null>([['/', null]]);
  /** What was written to a layer, by where it lies, while it is not mounted. */
  readonly #layers = new Map<string, ReadonlyMap<string, string | null>>();
  readonly mounted = new Map<string, Mounted>();
  readonly #truth: Truth;

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  paths(): readonly string[] {
    return [...this.#entries.keys()];
  }

  get(path: string): string | null | undefined {
    return this.#entries.get(path);
  }

  makeDirectories(path: string): void {
    const names = path.split('/').filter((name) => name !== '');
    for (let depth = 1; depth <= names.length; depth += 1) {
      const here = `/${names.slice(0, depth).join('/')}`;
      if (typeof this.#entries.get(here) === 'string') throw codeError('ENOTDIR', here);
      this.#entries.set(here, null);
    }
  }

  write(path: string, text: string, fresh: boolean): void {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent !== '' && this.#entries.get(parent) !== null) throw codeError('ENOENT', path);
    if (fresh && this.#entries.has(path)) throw codeError('EEXIST', path);
    if (this.#entries.get(path) === null) throw codeError('EISDIR', path);
    this.#entries.set(path, text);
  }

  remove(path: string): void {
    for (const target of this.mounted.keys()) {
      if (below(target, path)) throw codeError('EBUSY', target);
    }
    for (const entry of this.paths()) if (below(entry, path)) this.#entries.delete(entry);
  }

  removeDirectory(path: string): void {
    if (!this.#entries.has(path)) return;
    if (this.mounted.has(path)) throw codeError('EBUSY', path);
    if (this.paths().some((entry) => entry !== path && below(entry, path))) {
      throw codeError('ENOTEMPTY', path);
    }
    this.#entries.delete(path);
  }

  mount({ target, options }: Mount): void {
    if (this.#entries.get(target) !== null) throw codeError('ENOENT', target);
    const source = options.find((option) => option.startsWith('upperdir=')) ?? '';
    for (const [other, { source: same }] of this.mounted) {
      if (same !== source) continue;
      this.#truth.violations.push(`${source} is mounted twice: on ${other} and ${target}`);
    }
    if (this.mounted.has(target)) {
      this.#truth.violations.push(`something is mounted over ${target} again`);
    }
    this.mounted.set(target, { source, covered: this.#take(target) });
    for (const [name, text] of this.#layers.get(source) ?? []) {
      this.#entries.set(target + name, text);
    }
  }

  unmount(target: string): void {
    const mounted = this.mounted.get(target);
    if (mounted === undefined) return;
    this.mounted.delete(target);
    this.#layers.set(mounted.source, this.#take(target));
    for (const [name, text] of mounted.covered) this.#entries.set(target + name, text);
  }

  /** What is below the path, by the rest of its name; the path itself stays. */
  #take(path: string): ReadonlyMap<string, string | null> {
    const taken = new Map<string, string | null>();
    for (const [entry, text] of this.#entries) {
      if (entry !== path && below(entry, path)) taken.set(entry.slice(path.length), text);
    }
    for (const name of taken.keys()) this.#entries.delete(path + name);
    return taken;
  }
}

const below = (entry: string, path: string): boolean =>
  entry === path || entry.startsWith(`${path}/`);
