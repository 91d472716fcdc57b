/**
 * The lines of the native stream. A fact's JSON texts go in as they are stored; all else is put
 * around them. Positions are the cursor: as member, and as `id` of a server-sent event.
 */
import { rfc3339Fixed } from '../time.ts';
import type { FactTexts } from './ports.ts';

export interface EventFormat {
  readonly contentType: string;
  fact(fact: FactTexts): string;
  /** All facts up to the position were looked at; those that were wanted have been sent. */
  mark(kind: 'caught-up' | 'heartbeat', position: number): string;
}

/** Facts of one second have the beginning of their time in common. */
function instants(): (atNs: string) => string {
  let seconds = '';
  let beginning = '';
  return (atNs) => {
    const whole = atNs.slice(0, -9);
    if (whole !== seconds || beginning === '') {
      seconds = whole;
      beginning = rfc3339Fixed(BigInt(whole || '0') * 1_000_000_000n).slice(0, 20);
    }
    return `${beginning}${atNs.slice(-9).padStart(9, '0')}Z`;
  };
}

function factJson(instant: (atNs: string) => string): (fact: FactTexts) => string {
  return ({ sound, ...fact }) => {
    const { position, version, revision, atNs } = fact;
    const stream = JSON.stringify(fact.stream);
    const head = `"position":${position},"stream":${stream},"version":${version}`;
    const type = JSON.stringify(fact.type);
    const when = `"at":"${instant(atNs)}","atNs":"${atNs}"`;
    if (!sound) return `{"kind":"damaged",${head},"type":${type},${when}}`;
    const { data, state, cause, caller } = fact;
    const why = `"state":${state},"data":${data},"cause":${cause},"caller":${caller}`;
    return `{"kind":"fact",${head},"type":${type},${when},${why},"revision":${revision}}`;
  };
}

const markJson = (kind: string, position: number): string =>
  `{"kind":"${kind}","position":${position}}`;

export function ndjson(): EventFormat {
  const json = factJson(instants());
  return {
    contentType: 'application/x-ndjson',
    fact: (fact) => `${json(fact)}\n`,
    mark: (kind, position) => `${markJson(kind, position)}\n`,
  };
}

/** Marks carry the position as well, so that who resumes does not look at the same facts again. */
export function serverSent(): EventFormat {
  const json = factJson(instants());
  return {
    contentType: 'text/event-stream',
    fact: (fact) =>
      `id: ${fact.position}\nevent: ${fact.sound ? 'fact' : 'damaged'}\ndata: ${json(fact)}\n\n`,
    mark: (kind, position) =>
      `id: ${position}\nevent: ${kind}\ndata: ${markJson(kind, position)}\n\n`,
  };
}
