/**
 * Compares the table in the kernel with the elements that should be in it, and repairs it: as a
 * whole if it is not there, else what differs. Nothing that is right is interrupted.
 */
import { EffectFailure } from '../failure.ts';
import type { HelperShell } from './helperShell.ts';
import { type Listing, parseListing } from './listing.ts';
import { type Nft, NftRefused } from './nft.ts';
import { addElement, dropElement, type Element, elementName } from './ruleset.ts';

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
    const { missing, needless } = difference(listing?.elements ?? [], wanted());
    const chains = this.#strangeChains(listing);
    if (listing === undefined || this.#declared === undefined || chains.length > 0) {
      await this.#declare();
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

  async #declare(): Promise<void> {
    try {
      await this.#nft.run(this.#rules);
    } catch (error) {
      if (!(error instanceof NftRefused)) throw error;
      // A set of another kind: an earlier version's. What belongs in it is put in right after.
      const anew = [`delete table inet ${this.#table}`, ...this.#rules];
      await this.#nft.run(anew);
    }
    this.#declared = (await this.#list())?.chains;
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
