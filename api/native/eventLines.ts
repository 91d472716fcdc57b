/**
 * The records of the native stream. A fact is JSON already; what is put around it is here.
 * Positions are the cursor: as member, and as `id` of a server-sent event.
 */
import type { FactText } from './ports.ts';

export interface EventFormat {
  readonly contentType: string;
  fact(fact: FactText): string;
  /** All facts up to the position were looked at; those that were wanted have been sent. */
  mark(kind: 'caught-up' | 'heartbeat', position: number): string;
}

const markJson = (kind: string, position: number): string =>
  `{"kind":"${kind}","position":${position}}`;

export const NDJSON: EventFormat = {
  contentType: 'application/x-ndjson',
  fact: ({ json }) => `${json}\n`,
  mark: (kind, position) => `${markJson(kind, position)}\n`,
};

/** Marks carry the position as well, so that who resumes does not look at the same facts again. */
export const SERVER_SENT: EventFormat = {
  contentType: 'text/event-stream',
  fact: ({ position, sound, json }) =>
    `id: ${position}\nevent: ${sound ? 'fact' : 'damaged'}\ndata: ${json}\n\n`,
  mark: (kind, position) =>
    `id: ${position}\nevent: ${kind}\ndata: ${markJson(kind, position)}\n\n`,
};
