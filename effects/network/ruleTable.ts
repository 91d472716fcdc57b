/**
 * Compares the table in the kernel with the elements that should be in it, and repairs it: as a
 * whole if it is not there, else what differs. Nothing that is right is interrupted.
 */
import { EffectFailure } from '../failure.ts';
import type { HelperShell } from './helperShell.ts';
import { type Listing, parseListing } from './listing.ts';
import { type Nft, NftRefused } from './nft.ts';
import {
  addElement,
  deleteSet,
  dropElement,
  EARLIER_SETS,
  type Element,
  elementName,
} from './ruleset.ts';

/** Elements in one transaction: a line for nft stays below some 30 kB. */
const BATCH = 200;
/** How many differences are told one by one. */
const TOLD = 5;

export class RuleTable {
  readonly #table: string;
  /** Commands that declare it. */
  readonly #rules: readonly string[];
  readonly #nft: Nft;
  readonly #shell: HelperShell;
  /** The chains as the kernel listed them after they were declared. */
  #declared: Listing['chains'] | undefined;

  constructor(table: string, nft: Nft, shell: HelperShell, rules: readonly string[]) {
    this.#table = table;
    this.#rules = rules;
    this.#nft = nft;
    this.#shell = shell;
  }

  /** Whether this daemon has set it up. It may have been taken away since. */
  get isDeclared(): boolean {
    return this.#declared !== undefined;
  }

  /**
   * @param wanted asked after the kernel was, so that what changes meanwhile is not undone
   * @returns what was not as it should be, a sentence each. @throws EffectFailure
   */
  async repair(wanted: () => readonly Element[]): Promise<readonly string[]> {
    const listing = await this.#list();
    const found = listing?.elements.filter(({ set }) => !EARLIER_SETS.includes(set)) ?? [];
    const { missing: lacking, needless } = difference(found, wanted());
    // Not in a table of an earlier version, which is no news.
    const isNew = ({ set }: Element): boolean => listing !== undefined && !listing.sets.has(set);
    const missing = lacking.filter((one) => !isNew(one));
    const chains = this.#strangeChains(listing);
    if (listing === undefined || this.#declared === undefined || chains.length > 0) {
      const kept = await this.#declare(listing, lacking.filter(isNew), wanted);
      if (!kept) return [`table inet ${this.#table} had sets of another kind`];
    }
    await this.#inBatches(needless, (one) => dropElement(this.#table, one));
    await this.#inBatches(missing, (one) => [addElement(this.#table, one)]);
    if (listing === undefined) {
      return [`table inet ${this.#table} was not there`];
    }
    return [
      ...chains.map((name) => `the rules of chain ${name} were not as they were made`),
      ...told(missing, 'was missing'),
      ...told(needless, 'is wanted by nobody'),
    ];
  }

  /** Takes all of it away, if it is there. @returns as `repair` */
  async remove(): Promise<readonly string[]> {
    this.#declared = undefined;
    await this.#shell.run(['nft', 'delete', 'table', 'inet', this.#table]);
    return [];
  }

  /** Undefined: it is not there. */
  async #list(): Promise<Listing | undefined> {
    const words = ['nft', '-j', 'list', 'table', 'inet', this.#table];
    const { code, output } = await this.#shell.run(words);
    if (code !== 0) {
      if (output.includes('No such file or directory')) return undefined;
      throw new EffectFailure('unavailable', `nft can not list the rules: ${output}`);
    }
    return parseListing(output);
  }

  /** Names of chains that are not as this daemon declared them. */
  #strangeChains(listing: Listing | undefined): readonly string[] {
    if (listing === undefined || this.#declared === undefined) return [];
    const names = new Set([...this.#declared.keys(), ...listing.chains.keys()]);
    const rules = (chains: Listing['chains'], name: string): string =>
      (chains.get(name) ?? ['none']).join('\n');
    const declared = this.#declared;
    return [...names].filter((name) => rules(declared, name) !== rules(listing.chains, name));
  }

  /**
   * A table of an earlier version leads packets until then: elements of sets that it has not come
   * with the rules that ask for them, and sets that nobody asks any more go, in one transaction.
   * @returns whether the table was kept; else all of it is made anew
   */
  async #declare(
    listing: Listing | undefined,
    added: readonly Element[],
    wanted: () => readonly Element[],
  ): Promise<boolean> {
    const add = (one: Element): string => addElement(this.#table, one);
    const old = EARLIER_SETS.filter((set) => listing?.sets.has(set));
    const gone = old.map((set) => deleteSet(this.#table, set));
    let kept = true;
    try {
      await this.#nft.run([...this.#rules, ...added.map(add), ...gone]);
    } catch (error) {
      if (!(error instanceof NftRefused)) throw error;
      // A set of another kind can not be changed.
      const anew = [`delete table inet ${this.#table}`, ...this.#rules, ...wanted().map(add)];
      await this.#nft.run(anew);
      kept = false;
    }
    this.#declared = (await this.#list())?.chains;
    return kept;
  }

  async #inBatches(
    elements: readonly Element[],
    commands: (element: Element) => readonly string[],
  ): Promise<void> {
    for (let at = 0; at < elements.length; at += BATCH) {
      await this.#nft.run(elements.slice(at, at + BATCH).flatMap(commands));
    }
  }
}

/** By set, key and value: an element with another value is one too many and one too few. */
export function difference(
  found: readonly Element[],
  wanted: readonly Element[],
): { readonly missing: readonly Element[]; readonly needless: readonly Element[] } {
  const there = new Set(found.map(elementName));
  const should = new Set(wanted.map(elementName));
  return {
    missing: wanted.filter((one) => !there.has(elementName(one))),
    needless: found.filter((one) => !should.has(elementName(one))),
  };
}

function told(elements: readonly Element[], what: string): readonly string[] {
  const some = elements.slice(0, TOLD).map((one) => `${elementName(one)} ${what}`);
  const rest = elements.length - some.length;
  return rest > 0 ? [...some, `${rest} more ${what}`] : some;
}
