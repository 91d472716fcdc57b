/**
 * `shiplog/client`: the native API, typed. Questions are answered once; `events` is an iteration
 * and `events$` an Observable over the log, both resumed by themselves.
 *
 *     const client = createClient('unix:///run/shiplog/shiplog.sock');
 *     client.events$({ follow: true, types: ['container.exited'] }).subscribe(console.log);
 */
import type { Observable } from 'rxjs';
import type {
  NativeContainer,
  NativeContainers,
  NativeEvent,
  NativeLabels,
  NativeRebuilt,
  NativeReconcileReport,
  NativeReconcileRequest,
  NativeReloadReport,
  NativeStatus,
  NativeVerified,
  NativeWhy,
} from '../../api/openapi.gen.ts';
import { type Host, parseHost } from '../host.ts';
import { download, type ExportWanted } from './download.ts';
import { type EventsWanted, events, events$ } from './events.ts';
import { ask } from './exchange.ts';
import { outcome, type Progress } from './work.ts';

export type {
  NativeCaller,
  NativeCause,
  NativeContainer,
  NativeContainers,
  NativeDamaged,
  NativeEvent,
  NativeFact,
  NativeMark,
  NativeProgress,
  NativeRebuilt,
  NativeReconcileReport,
  NativeReconcileRequest,
  NativeStatus,
  NativeSummary,
  NativeVerified,
  NativeWhy,
} from '../../api/openapi.gen.ts';
export { type Host, parseHost } from '../host.ts';
export { OptionError } from '../optionError.ts';
export type { EventsWanted } from './events.ts';
export { ClientError } from './exchange.ts';

export interface Client {
  readonly host: Host;
  status(): Promise<NativeStatus>;
  reconcile(asked: NativeReconcileRequest): Promise<NativeReconcileReport>;
  /** All there are, or were: a position, RFC 3339, `@seconds`, or a duration ago. */
  containers(at?: string): Promise<NativeContainers>;
  /** Have the configuration file read anew. */
  reload(): Promise<NativeReloadReport>;
  /** By id, unique prefix or name; removed ones by id or prefix. */
  container(ref: string, at?: string): Promise<NativeContainer>;
  /** Why a container is as it is; also one that is removed. */
  why(ref: string): Promise<NativeWhy>;
  /** Sets labels, and takes those away whose value is null; gives back all there are then. */
  label(ref: string, labels: NativeLabels): Promise<NativeLabels>;
  /** The whole log with its secrets into a new file. */
  backup(file: string, progress?: Progress): Promise<void>;
  /** The log, or one container's part of it, without values of the environment but for these. */
  export(file: string, wanted: ExportWanted, progress?: Progress): Promise<void>;
  /** Checks the whole log. `expect`: a witness, `POSITION:HASH`. */
  verify(
    asked?: { readonly expect?: string | undefined; readonly quick?: boolean | undefined },
    progress?: Progress,
  ): Promise<NativeVerified>;
  /** Folds what the daemon answers from anew, and puts right what differs. */
  rebuild(progress?: Progress): Promise<NativeRebuilt>;
  /** The facts of the log, pulled one by one; ends with `signal`, or at the head. */
  events(wanted?: EventsWanted, signal?: AbortSignal): AsyncGenerator<NativeEvent>;
  /** The same, pushed. */
  events$(wanted?: EventsWanted): Observable<NativeEvent>;
}

const BASE = '/shiplog/v1';

const asOf = (at: string | undefined): string =>
  at === undefined ? '' : `?${new URLSearchParams({ at })}`;

/** @param address `unix:///PATH` or `tcp://127.0.0.1:PORT`. @throws OptionError for another one */
export function createClient(address: string | Host): Client {
  const host = typeof address === 'string' ? parseHost(address) : address;
  const get = <T>(path: string): Promise<T> => ask(host, { method: 'GET', path: BASE + path });
  const post = <T>(path: string, body: unknown): Promise<T> =>
    ask(host, { method: 'POST', path: BASE + path, body });
  return {
    host,
    status: () => get('/status'),
    containers: (at) => get(`/containers${asOf(at)}`),
    container: (ref, at) => get(`/containers/${encodeURIComponent(ref)}${asOf(at)}`),
    reconcile: (asked) => post('/reconcile', asked),
    reload: () => post('/reload', undefined),
    why: (ref) => get(`/containers/${encodeURIComponent(ref)}/why`),
    label: (ref, labels) =>
      ask(host, {
        method: 'PATCH',
        path: `${BASE}/containers/${encodeURIComponent(ref)}/labels`,
        body: labels,
      }),
    backup: (file, progress) => download(host, `${BASE}/backup`, file, progress),
    export: (file, { container, reveal = [] }, progress) => {
      const query = new URLSearchParams(container === undefined ? {} : { container });
      for (const name of reveal) query.append('reveal', name);
      return download(host, `${BASE}/export?${query}`, file, progress);
    },
    verify: ({ expect = '', quick = false } = {}, progress) => {
      const query = new URLSearchParams({ expect, quick: String(quick) });
      const question = { method: 'GET', path: `${BASE}/verify?${query}` };
      return outcome<NativeVerified>(host, question, 'verified', progress);
    },
    rebuild: (progress) => {
      const question = { method: 'POST', path: `${BASE}/rebuild` };
      return outcome<NativeRebuilt>(host, question, 'rebuilt', progress);
    },
    events: (wanted, signal) => events(host, wanted, signal),
    events$: (wanted) => events$(host, wanted),
  };
}
