/** Restart policies, reckoned again from the facts: whether, how often, and not too early. */
import { at, type Row, streams } from './facts.ts';

interface Reckoning {
  policy: { Name: string; MaximumRetryCount: number };
  count: number;
  pauseMs: number;
  called: 'nobody' | 'off';
  startedNs: bigint | null;
  /** Set by an exit that is to be followed by a start, when its clean-up is over. */
  dueNs: bigint | null;
  waitMs: number | null;
}

export function policyProblems(rows: readonly Row[]): readonly string[] {
  return [...streams(rows, 'container')].flatMap(([stream, list]) => {
    const reckoning: Reckoning = {
      policy: { Name: 'no', MaximumRetryCount: 0 },
      count: 0,
      pauseMs: 0,
      called: 'nobody',
      startedNs: null,
      dueNs: null,
      waitMs: null,
    };
    return list.flatMap((row) =>
      follow(reckoning, row).map((what) => `${stream} at ${row.position}: ${what}`),
    );
  });
}

function follow(now: Reckoning, row: Row): readonly string[] {
  switch (row.type) {
    case 'container.create-requested':
      now.policy = policyIn(at(row, 'hostConfig'), 'RestartPolicy');
      return [];
    case 'container.updated':
      if (at(row, 'restartPolicy') !== undefined) now.policy = policyIn(row.data, 'restartPolicy');
      return [];
    case 'container.start-requested':
      return started(now, row);
    case 'container.started':
      now.startedNs = at(row, 'atNs') === null ? null : BigInt(String(at(row, 'atNs')));
      return [];
    case 'container.stop-requested':
    case 'container.restart-requested':
    case 'container.remove-requested':
    case 'container.restart-cancelled':
      now.called = 'off';
      return [];
    case 'container.stop-failed':
      // A stop by hand is respected for the run; a restart that was given up is not one.
      return [];
    case 'container.kill-requested':
      if (at(row, 'endsPolicy') === true) now.called = 'off';
      return [];
    case 'container.exited':
      return exited(now, row);
    case 'container.cleaned':
      now.dueNs = now.waitMs === null ? null : row.atNs + BigInt(now.waitMs) * 1_000_000n;
      now.waitMs = null;
      return [];
    default:
      return [];
  }
}

function policyIn(from: unknown, name: string): Reckoning['policy'] {
  const { Name, MaximumRetryCount } = Object(Reflect.get(Object(from), name));
  return { Name: String(Name), MaximumRetryCount: Number(MaximumRetryCount) };
}

function started(now: Reckoning, row: Row): readonly string[] {
  const byPolicy = at(row, 'policy') === true;
  const early = byPolicy && (now.dueNs === null || row.atNs + 1_000_000n < now.dueNs);
  now.called = 'nobody';
  now.dueNs = null;
  if (!byPolicy) {
    now.count = 0;
    now.pauseMs = 0;
  }
  now.startedNs = null;
  return early ? ['its policy started it too early, or without being asked'] : [];
}

function exited(now: Reckoning, row: Row): readonly string[] {
  const next = at(row, 'next');
  if (now.called === 'off') {
    // A restart that failed to stop leaves the policy in force; then either is right.
    return next === null || at(row, 'asked') === null ? take(now, next) : ['restarted by policy'];
  }
  if (next === null) return wants(now, row) ? ['its policy forgot it'] : [];
  if (!wants(now, row)) return ['its policy restarts it and should not'];
  const atNs = at(row, 'atNs');
  const long =
    now.startedNs !== null &&
    atNs !== null &&
    BigInt(String(atNs)) - now.startedNs >= 10_000_000_000n;
  const wanted = now.pauseMs === 0 || long ? 100 : Math.min(now.pauseMs * 2, 60_000);
  const count = now.count + 1;
  const said = JSON.stringify(next);
  take(now, next);
  const fits = now.pauseMs === wanted && now.count === count;
  return fits ? [] : [`its policy says ${said}, reckoned ${wanted} ms and ${count}`];
}

function take(now: Reckoning, next: unknown): readonly string[] {
  if (next === null) return [];
  now.pauseMs = Number(Reflect.get(Object(next), 'inMs'));
  now.count = Number(Reflect.get(Object(next), 'count'));
  now.waitMs = now.pauseMs;
  return [];
}

function wants({ policy, count }: Reckoning, exit: Row): boolean {
  if (policy.Name === 'always' || policy.Name === 'unless-stopped') return true;
  if (policy.Name !== 'on-failure' || at(exit, 'code') === 0) return false;
  return policy.MaximumRetryCount === 0 || count < policy.MaximumRetryCount;
}
