/** What a row is, and the short ways to write one. */
import type { StateName } from './states.ts';

export interface Row {
  readonly title: string;
  readonly state?: StateName;
  /** Made in the container before; `{e}` stands for its id. */
  readonly exec?: object;
  /** The exec runs already. */
  readonly started?: boolean;
  readonly method: string;
  readonly path: string;
  /** Before the path: `/v1.41` if nothing is said. */
  readonly version?: string;
  readonly body?: unknown;
  /** Content-Type of the body, JSON if nothing is said. */
  readonly type?: string;
  /** The body is the archive of the image. */
  readonly image?: boolean;
  readonly show?: (answer: unknown) => unknown;
  /** dockerd is not asked: it would do something else, or does not have it. */
  readonly only?: 'shiplog';
  /** What is shown differs from machine to machine: compared with dockerd, not with the table. */
  readonly hostOnly?: boolean;
}

type Extra = Partial<Omit<Row, 'state' | 'method' | 'path'>>;

/** Of an object: its keys, sorted; of a list: those of its first item. */
export function keys(answer: unknown, ...path: readonly string[]): readonly string[] {
  return Object.keys(member(answer, ...path) ?? {}).toSorted();
}

/** What lies at the path; a list stands for its first item. */
export function member(answer: unknown, ...path: readonly string[]): object | null {
  let value = Array.isArray(answer) ? answer[0] : answer;
  for (const name of path) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
    if (Array.isArray(value)) value = value[0];
  }
  return value ?? null;
}

const STATES_ASKED = ['created', 'running', 'paused', 'exited'] as const;

/** One row for each state. */
export function each(method: string, path: string, extra: Extra = {}): readonly Row[] {
  return STATES_ASKED.map((state) => on(state, method, path, extra));
}

export function on(state: StateName, method: string, path: string, extra: Extra = {}): Row {
  return { title: `${state}: ${method} ${path}`, state, method, path, ...extra };
}

export function plain(method: string, path: string, extra: Extra = {}): Row {
  const { version = '' } = extra;
  return { title: `${method} ${version}${path}`, method, path, ...extra };
}
