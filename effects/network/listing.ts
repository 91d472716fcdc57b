/** The table of this daemon as nft lists it in JSON, read as far as it is compared. */
import type { Element } from './ruleset.ts';

export interface Listing {
  /** Names of sets and maps. */
  readonly sets: ReadonlySet<string>;
  readonly elements: readonly Element[];
  /** By chain: its rules as text, without what changes by itself. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
}

/** @throws SyntaxError if the text is no JSON */
export function parseListing(text: string): Listing {
  const { nftables = [] } = JSON.parse(text) as { nftables?: readonly Listed[] };
  const listed = nftables.flatMap(({ set, map }) => set ?? map ?? []);
  const elements = listed.flatMap(({ name, elem = [] }) => elem.map((each) => element(name, each)));
  const chains = new Map<string, string[]>();
  for (const { chain, rule } of nftables) {
    if (chain !== undefined) chains.set(chain.name, chains.get(chain.name) ?? []);
    if (rule === undefined) continue;
    chains.set(rule.chain, [...(chains.get(rule.chain) ?? []), JSON.stringify(rule.expr)]);
  }
  return { sets: new Set(listed.map(({ name }) => name)), elements, chains };
}

interface ListedSet {
  readonly name: string;
  readonly elem?: readonly unknown[];
}
interface Listed {
  readonly set?: ListedSet;
  readonly map?: ListedSet;
  readonly chain?: { readonly name: string };
  readonly rule?: { readonly chain: string; readonly expr: unknown };
}

function element(set: string, listed: unknown): Element {
  if (!Array.isArray(listed)) return { set, key: text(listed), value: null };
  const [key, value] = listed;
  return { set, key: text(key), value: text(value) };
}

function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('concat' in value && Array.isArray(value.concat)) return value.concat.map(text).join(' . ');
  if ('elem' in value) return text(value.elem);
  if ('val' in value) return text(value.val);
  if (!('prefix' in value)) return JSON.stringify(value);
  const { addr, len } = value.prefix as { addr: string; len: number };
  return `${addr}/${len}`;
}
