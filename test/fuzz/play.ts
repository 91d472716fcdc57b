/** Sends a case, and judges what comes back. */
import { connect } from 'node:net';
import type { Case } from './cases.ts';

const ANSWER_MS = 20_000;
/** After so long without an answer a client that waits has nothing more to say, and says so. */
const QUIET_MS = 1_000;
/** How long a client stays that is answered with a stream. */
const STAY_MS = 30;

export interface Played {
  /** The first status; undefined: none came. */
  readonly status: number | undefined;
  readonly received: string;
  readonly ended: 'closed' | 'answered' | 'late';
}

const STATUS = /^HTTP\/1\.[01] (\d{3})/;

/** The status of the answer, an interim one passed over. */
function statusOf(received: string): number | undefined {
  const last = received.replace(/^(HTTP\/1\.1 100 Continue\r\n\r\n)+/, '');
  const found = STATUS.exec(last)?.[1];
  return found === undefined ? undefined : Number(found);
}

export function play(socketPath: string, { bytes, then }: Case): Promise<Played> {
  return new Promise((resolve) => {
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    let received = '';
    let staying: NodeJS.Timeout | undefined;
    const over = (ended: Played['ended']): void => {
      clearTimeout(quiet);
      clearTimeout(late);
      clearTimeout(staying);
      socket.destroy();
      resolve({ status: statusOf(received), received, ended });
    };
    const quiet = setTimeout(() => socket.end(), QUIET_MS);
    const late = setTimeout(() => over('late'), ANSWER_MS);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (statusOf(received) !== undefined) staying ??= setTimeout(() => over('answered'), STAY_MS);
    });
    socket.on('error', () => over('closed'));
    socket.on('end', () => over('closed'));
    socket.on('close', () => over('closed'));
    socket.write(bytes, () => {
      if (then === 'ends') socket.end();
      else if (then === 'vanishes') staying = setTimeout(() => over('answered'), STAY_MS);
    });
  });
}

/** Where dockerd calls a client's mistake its own, in the same words. */
const DOCKERS = /"message":"(ps: |Invalid escape keys|invalid volume specification: )/;

/** Why the answer is not one that a client can do something with; undefined: it is. */
export function complaint(given: Case, { status, received, ended }: Played): string | undefined {
  if (status === undefined) {
    // Who asks for nothing is told nothing.
    if (given.bytes.length === 0 && ended === 'closed') return undefined;
    return given.then === 'vanishes' ? undefined : `no answer, ${ended}`;
  }
  if (status >= 500 && status !== 501 && !DOCKERS.test(received)) return `answered with ${status}`;
  // Of attach plain text, of what is no HTTP too; a HEAD has no body.
  if (status >= 400 && !/\r\n\r\n./s.test(received) && !isHead(given)) return `a bare ${status}`;
  return undefined;
}

const isHead = ({ bytes }: Case): boolean => bytes.toString('latin1', 0, 5) === 'HEAD ';
