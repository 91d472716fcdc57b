/** What a subscriber of the native stream asks for: where to begin, what to see, how long. */
import type { JsonObject } from '../../machines/words.ts';
import { apiError } from '../errors.ts';
import { instant } from '../instants.ts';
import { flag, wholeNumber } from '../parameters.ts';
import type { ApiPorts } from '../ports.ts';
import type { ApiRequest } from '../request.ts';
import { found } from './lookup.ts';
import type { FactText } from './ports.ts';

export interface Asked {
  /** Facts after this position. */
  readonly after: number;
  /** Last position wanted; null: no end. */
  readonly to: number | null;
  readonly follow: boolean;
  readonly heartbeatMs: number;
  readonly sse: boolean;
  /** null: every fact. */
  readonly wants: ((fact: FactText) => boolean) | null;
}

type Test = (fact: FactText) => boolean;

const HEARTBEAT_S = 15;

const refuse = (message: string) => apiError('bad-parameter', { message });

/** @throws ApiError for what is no whole number of at least `least` */
function whole(query: URLSearchParams, name: string, least: number): number | undefined {
  const complaint = (value: string) =>
    `invalid value for "${name}": "${value}" is not a whole number of at least ${least}`;
  const value = wholeNumber(query, name, complaint);
  if (value !== undefined && value < least) throw refuse(complaint(String(value)));
  return value;
}

/** The one beginning that is named; a `Last-Event-ID` goes before, for it is a resumption. */
function beginning(ports: ApiPorts, { query, headers }: ApiRequest): number {
  const seen = String(headers['last-event-id'] ?? '');
  if (/^\d+$/.test(seen) && Number.isSafeInteger(Number(seen))) return Number(seen);
  if (seen !== '') throw refuse(`invalid Last-Event-ID: "${seen}" is not a position`);
  const from = whole(query, 'from', 1);
  const time = query.get('time') ?? '';
  const now = flag(query, 'now');
  if ([from !== undefined, time !== '', now].filter((given) => given).length > 1)
    throw refuse('from, time and now exclude each other');
  if (from !== undefined) return from - 1;
  if (now) return ports.log.head();
  if (time === '') return 0;
  const ns = instant(time, ports.ambient.nowNs());
  if (ns === undefined) throw refuse(`invalid value for "time": "${time}" is not an instant`);
  // A fact of this very nanosecond is wanted, too.
  return ports.log.positionAt(ns - 1n);
}

/** `<kind>/<id>/…` gives `<id>`: the container of a container's, task's, exec's or health's. */
const subjectOf = (stream: string): string => stream.split('/')[1] ?? '';

function ofContainer(ports: ApiPorts, refs: readonly string[]): Test {
  const ids = new Set(refs.map((ref) => found(ports, ref).id));
  return ({ stream }) => ids.has(subjectOf(stream));
}

/** Labels as they are now: a container is in or out with all of its life. */
function ofLabel(ports: ApiPorts, wanted: readonly string[]): Test {
  const known = new Map<string, boolean>();
  const carries = (id: string): boolean | undefined => {
    const labels = ports.containers.get(id)?.labels;
    if (labels === undefined) return undefined;
    return wanted.every((one) => {
      const [, key = one, value] = /^([^=]*)=(.*)$/s.exec(one) ?? [];
      return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
    });
  };
  return ({ stream }) => {
    const id = subjectOf(stream);
    const fits = known.get(id) ?? carries(id);
    if (fits === undefined) return false;
    if (known.size > 10_000) known.clear();
    known.set(id, fits);
    return fits;
  };
}

const CALLER_KEYS = ['kind', 'uid', 'gid', 'pid', 'executable', 'userAgent'];

/** `uid=1000`, `kind=daemon`, `userAgent=docker…`: numbers and kinds whole, texts anywhere. */
function byCaller(wanted: readonly string[]): Test {
  const tests = wanted.map((one) => {
    const [, key = '', value = ''] = /^(\w+)=(.+)$/s.exec(one) ?? [];
    if (!CALLER_KEYS.includes(key))
      throw refuse(`invalid value for "caller": "${one}"; use KEY=VALUE of ${CALLER_KEYS}`);
    const part = key === 'executable' || key === 'userAgent';
    return (caller: JsonObject): boolean => {
      const has = caller[key];
      if (has === undefined) return false;
      return part ? String(has).includes(value) : String(has) === value;
    };
  });
  return ({ caller, sound }) => {
    const by: JsonObject | null = sound ? JSON.parse(caller) : null;
    return by !== null && tests.some((fits) => fits(by));
  };
}

/** Each key has alternatives, all keys must fit; `stream` and `type` may be beginnings. */
function filter(ports: ApiPorts, query: URLSearchParams): Test | null {
  const begins = (key: 'stream' | 'type'): Test[] => {
    const wanted = query.getAll(key);
    return wanted.length === 0 ? [] : [(fact) => wanted.some((one) => fact[key].startsWith(one))];
  };
  const containers = query.getAll('container');
  const labels = query.getAll('label');
  const callers = query.getAll('caller');
  const tests: readonly Test[] = [
    ...begins('stream'),
    ...begins('type'),
    ...(containers.length === 0 ? [] : [ofContainer(ports, containers)]),
    ...(labels.length === 0 ? [] : [ofLabel(ports, labels)]),
    ...(callers.length === 0 ? [] : [byCaller(callers)]),
  ];
  return tests.length === 0 ? null : (fact) => tests.every((fits) => fits(fact));
}

/** @throws ApiError 400 for what makes no sense, 404 for a container that never was. */
export function asked(ports: ApiPorts, request: ApiRequest): Asked {
  const { query, headers } = request;
  const heartbeat = whole(query, 'heartbeat', 1) ?? HEARTBEAT_S;
  const after = beginning(ports, request);
  const head = ports.log.head();
  // Who has seen more than there is follows another log, or this one was cut: it must not go on.
  if (after > head)
    throw refuse(`the log ends at position ${head}: nothing can follow ${after} in it yet`);
  return {
    after,
    to: whole(query, 'to', 1) ?? null,
    follow: flag(query, 'follow'),
    heartbeatMs: Math.min(heartbeat, 86_400) * 1_000,
    sse: (headers.accept ?? '').includes('text/event-stream'),
    wants: filter(ports, query),
  };
}
