/**
 * The restart policy: what it makes of an exit. Supervision of the task, decided once, in the
 * append of the exit; the waiting is a timer on the agenda, so a restart of the daemon keeps the
 * rest of it. Rules: a stop by hand is respected, also across restarts of daemon and host.
 */
import type { ContainerContext } from './container.context.ts';
import { SIGKILL } from './container.effects.ts';
import type { ExitRecord, PolicyRestart } from './container.facts.ts';
import { signalNumber } from './signals.ts';

const FIRST_MS = 100;
const MOST_MS = 60_000;
/** A run that lasted this long was in order: the next pause is the first again. */
const STEADY_NS = 10_000_000_000n;

/** null: the container stays exited. An unknown exit counts as a failure. */
export function restartByPolicy(context: ContainerContext, exit: ExitRecord): PolicyRestart | null {
  if (context.asked !== null || context.policyCancelled || context.restartWith !== null)
    return null;
  if (!wanted(context, exit)) return null;
  const fresh = context.backoffMs === 0 || lastedLong(context, exit);
  const inMs = fresh ? FIRST_MS : Math.min(context.backoffMs * 2, MOST_MS);
  return { inMs, count: context.restartCount + 1 };
}

/** As dockerd waits for them at its start. */
const DONORS_MS = 5_000;
const DONORS_LOOK_MS = 250;

/**
 * Until one that is due looks again whether what it joins runs; null: it is started now, and fails
 * if that does not run.
 */
export function putOffFor(
  { putOffMs = 0 }: Pick<ContainerContext, 'putOffMs'>,
  donorsComing: boolean,
): number | null {
  return donorsComing && putOffMs < DONORS_MS ? DONORS_LOOK_MS : null;
}

function wanted({ hostConfig, restartCount }: ContainerContext, exit: ExitRecord): boolean {
  const { Name, MaximumRetryCount } = hostConfig.RestartPolicy;
  switch (Name) {
    case 'always':
    case 'unless-stopped':
      return true;
    case 'on-failure':
      return exit.code !== 0 && (MaximumRetryCount === 0 || restartCount < MaximumRetryCount);
    default:
      return false;
  }
}

function lastedLong({ startedAtNs }: ContainerContext, { atNs }: ExitRecord): boolean {
  return startedAtNs !== null && atNs !== null && BigInt(atNs) - BigInt(startedAtNs) >= STEADY_NS;
}

/**
 * Whether a signal sent by a caller takes the policy back for this run: SIGKILL, the container's
 * own stop signal, and any signal if it has none of its own (Docker's rule).
 */
export function endsPolicy({ config }: ContainerContext, signal: number): boolean {
  if (config.StopSignal === undefined || config.StopSignal === '') return true;
  return signal === SIGKILL || signal === signalNumber(config.StopSignal);
}
