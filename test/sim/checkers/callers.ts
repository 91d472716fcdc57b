/** Callers: whoever was told "done" finds it in the log; everybody is told, and in time. */
import type { Asked, Simulated } from '../simulation.ts';
import type { Row } from './facts.ts';

const PROOF: Readonly<Record<string, RegExp>> = {
  adopt: /^container\.adopted$/,
  create: /^container\.created$/,
  start: /^container\.started$/,
  stop: /^container\.(exited|restart-cancelled)$/,
  restart: /^container\.started$/,
  pause: /^container\.paused$/,
  unpause: /^container\.unpaused$/,
  kill: /^container\.(signalled|exited|restart-cancelled)$/,
  remove: /^container\.removed$/,
  rename: /^container\.renamed$/,
  update: /^container\.updated$/,
  'exec-create': /^exec\.created$/,
  'exec-start': /^exec\.started$/,
  'load-image': /^image\.loaded$/,
  'create-volume': /^volume\.created$/,
  'remove-volume': /^volume\.removed$/,
};
/** Readiness, and the longest deadline of a command. */
const LONGEST_MS = 30_000 + 10_000 + 60_000 + 150_000 + 5_000;

export function callerProblems({ asked, nowMs }: Simulated, rows: readonly Row[]): string[] {
  return asked.flatMap((one) => {
    const { command, life, atMs, toldAtMs, result } = one;
    const waited = (toldAtMs ?? nowMs) - atMs;
    const name = `${command.type} of ${streamOf(one)} at ${atMs}`;
    if (toldAtMs === null && life.alive && waited > LONGEST_MS) return [`nobody answered ${name}`];
    if (toldAtMs !== null && waited > LONGEST_MS) return [`${name} took ${waited} ms`];
    if (result === 'actor-stopped') return [`${name} met a stopped actor`];
    return result === 'done' && !proven(one, rows) ? [`${name} was acknowledged, not logged`] : [];
  });
}

function streamOf({ command }: Asked): string {
  if (command.type === 'load-image') return `image/${command.images[0]?.image.id}`;
  // Of whichever incarnation.
  if ('name' in command && 'incarnation' in command) return `volume/${command.name}#`;
  if (!('id' in command)) return 'image/';
  if ('execId' in command) return `exec/${command.id}/${command.execId}`;
  return `container/${command.id}`;
}

function proven(one: Asked, rows: readonly Row[]): boolean {
  const proof = PROOF[one.command.type];
  const stream = streamOf(one);
  const askedNs = BigInt(one.atMs) * 1_000_000n;
  return rows.some(
    (row) =>
      (row.stream === stream || (stream.endsWith('#') && row.stream.startsWith(stream))) &&
      row.position <= one.position &&
      row.atNs >= askedNs &&
      proof?.test(row.type) === true,
  );
}
