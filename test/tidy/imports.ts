/** Who imports whom: the edges between rooms, and which packages a room may know. */
import { dirname, join, normalize } from 'node:path';
import { isTestFile } from './rule.ts';
import { lineOf, type Source } from './source.ts';

export interface Import {
  readonly from: string;
  readonly line: number;
  /** Path from the root, or a package's name. */
  readonly target: string;
  readonly kind: 'file' | 'package' | 'node';
  /** Gone when the program runs. */
  readonly typeOnly: boolean;
}

type Room = string;

/**
 * The table of docs/architecture.md. `types`: only what is gone when the program runs. The
 * generators in docs/ print tables of every room; main.ts and tests know all.
 */
export const ARROWS: Readonly<Record<Room, Readonly<Record<Room, 'all' | 'types'>>>> = {
  main: {
    machines: 'all',
    actors: 'all',
    store: 'all',
    effects: 'all',
    projections: 'all',
    api: 'all',
    replay: 'all',
    cli: 'all',
  },
  machines: {},
  store: {},
  actors: { machines: 'all' },
  effects: { machines: 'types' },
  projections: { machines: 'types' },
  api: { machines: 'all', projections: 'all' },
  replay: { machines: 'all', projections: 'all', store: 'all' },
  cli: { api: 'types', machines: 'types', store: 'all', replay: 'all' },
  docs: { machines: 'all', actors: 'all', effects: 'all', api: 'all', store: 'all', cli: 'all' },
};

/** Where a package may be imported, by the beginning of the path. Others may be anywhere. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  xstate: ['machines/', 'docs/'],
  'better-sqlite3': ['store/', 'projections/', 'cli/replay/', 'main/'],
  koffi: ['effects/system/'],
  'dns-packet': ['effects/network/'],
  '@grpc/grpc-js': ['effects/containerd/'],
  '@grpc/proto-loader': ['effects/containerd/'],
  'tar-stream': ['effects/images/'],
  'prom-client': ['api/metrics/'],
  rxjs: ['actors/', 'api/', 'cli/client/', 'main/'],
};

const STATEMENT = /\b(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?(['"])([^'"\n]+)\2/g;
const EXPRESSION = /\bimport\(\s*()(['"])([^'"\n]+)\2\s*\)/g;

export function importsOf({ path, withStrings, code }: Source): readonly Import[] {
  return [STATEMENT, EXPRESSION]
    .flatMap((pattern) => [...withStrings.matchAll(pattern)])
    .filter(({ index }) => /^(?:import|export)/.test(code.slice(index, index + 6)))
    .map(({ 0: statement, 1: type, 3: specifier = '', index }) => ({
      from: path,
      line: lineOf(withStrings, index),
      typeOnly: isTypeOnly(statement, type, withStrings.slice(0, index)),
      ...targetOf(path, specifier),
    }));
}

/** `import type …`, only `type` names in braces, or `import('…').Name` where a type stands. */
function isTypeOnly(statement: string, type: string | undefined, before: string): boolean {
  if (statement.startsWith('import(')) return /[:<|&=]\s*$/.test(before);
  if (type !== undefined) return true;
  const [, names] = /\{([^}]*)\}\s*from/.exec(statement) ?? [];
  if (names === undefined || /^\w+\s+\w+\s*,/.test(statement)) return false;
  return names.split(',').every((name) => name.trim() === '' || /^\s*type\s/.test(name));
}

function targetOf(from: string, specifier: string): Pick<Import, 'target' | 'kind'> {
  if (specifier.startsWith('.')) {
    return { kind: 'file', target: normalize(join(dirname(from), specifier)) };
  }
  if (specifier.startsWith('node:')) return { kind: 'node', target: specifier };
  const parts = specifier.split('/');
  return { kind: 'package', target: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') };
}

/** A folder of the top level, but for what is done with a log without a daemon. */
function roomOf(path: string): Room {
  if (path.startsWith('cli/replay/')) return 'replay';
  return path.includes('/') ? (path.split('/')[0] ?? '') : '';
}

/** Why the import is not allowed; undefined if it is. */
export function refusalOf(one: Import): string | undefined {
  if (isTestFile(one.from)) return undefined;
  if (one.kind === 'package') return packageRefusal(one);
  const from = roomOf(one.from);
  const to = roomOf(one.target);
  if (one.kind === 'node' || from === '' || from === to) return undefined;
  // The generators of documents run the models that the specs run.
  if (isTestFile(one.target) && from === 'docs') return undefined;
  if (isTestFile(one.target)) return `${one.from}:${one.line} imports test code: ${one.target}`;
  const allowed = ARROWS[from]?.[to];
  if (allowed === 'all' || (allowed === 'types' && one.typeOnly)) return undefined;
  const how = allowed === 'types' ? ' other than as a type' : '';
  return `${one.from}:${one.line} imports ${one.target}${how}`;
}

function packageRefusal({ from, line, target }: Import): string | undefined {
  const places = PACKAGES[target];
  if (places === undefined || places.some((place) => from.startsWith(place))) return undefined;
  return `${from}:${line} imports the package ${target}, which is for ${places.join(', ')}`;
}

/** The allowed table as text, for the message of a failure. */
export function printTable(): string {
  const rows = Object.entries(ARROWS).map(([room, targets]) => {
    const allowed = Object.entries(targets).map(([to, what]) =>
      what === 'types' ? `${to} (types)` : to,
    );
    return `  ${room.padEnd(12)} ${allowed.join(', ') || 'nothing of ours'}`;
  });
  return ['A room may import:', ...rows, '  main.ts, tests everything'].join('\n');
}

/** Files that import each other in a circle, by values; each circle once, as a path. */
export function circles(imports: readonly Import[]): readonly string[] {
  const edges = new Map<string, string[]>();
  for (const { from, target, kind, typeOnly } of imports) {
    if (kind === 'file' && !typeOnly) edges.set(from, [...(edges.get(from) ?? []), target]);
  }
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}
