/** How healthy the last run is or was, as far as the facts say. Pure. */
import type { HealthFact, HealthStatus } from '../../machines/health.facts.ts';
import type { NativeHealth } from '../openapi.gen.ts';
import { rfc3339Fixed } from '../time.ts';
import type { WhyFact } from './ports.ts';
import { moment } from './why.phrases.ts';

export interface Health {
  readonly status: HealthStatus;
  readonly sinceNs: bigint;
  /** The newest check that is on record; null: none is. */
  readonly probe: {
    readonly position: number;
    readonly atNs: bigint;
    readonly exitCode: number;
  } | null;
  /** Failures in a row; those after it was unhealthy are not on record. */
  readonly streak: number;
}

function after(before: Health | null, { position, type, data, atNs }: WhyFact): Health | null {
  const fact = { type, data } as HealthFact;
  switch (fact.type) {
    case 'health.watched':
      return { status: 'starting', sinceNs: atNs, probe: null, streak: 0 };
    case 'health.passed':
    case 'health.failed': {
      const { status, exitCode } = fact.data;
      const sinceNs = before?.status === status ? before.sinceNs : atNs;
      const streak = fact.type === 'health.failed' ? fact.data.streak : 0;
      return {
        status,
        sinceNs,
        streak,
        probe: { position, atNs: BigInt(fact.data.atNs), exitCode },
      };
    }
    default:
      return before;
  }
}

/** null: nothing is checked, or nothing is known of it. */
export function healthOf(facts: readonly WhyFact[]): Health | null {
  return facts.reduce(after, null);
}

export function healthJson({ status, sinceNs, probe, streak }: Health): NativeHealth {
  return {
    status,
    since: rfc3339Fixed(sinceNs),
    streak,
    probe:
      probe === null
        ? null
        : {
            position: probe.position,
            at: rfc3339Fixed(probe.atNs),
            exitCode: probe.exitCode,
          },
  };
}

/** What a check told by its exit status. */
export const probeWords = (exitCode: number): string =>
  exitCode === -1 ? 'it took too long or could not be run' : `exit code ${exitCode}`;

const times = (count: number): string => (count === 1 ? 'once' : `${count} times in a row`);

/** As a sentence about one that runs. */
export function healthWords({ status, sinceNs, probe, streak }: Health, name: string): string {
  const since = moment(sinceNs);
  const failed = `its health check failed ${times(streak)}`;
  switch (status) {
    case 'healthy': {
      const lately = streak === 0 ? '' : `, but lately ${failed}`;
      return `It has been healthy since ${since}${lately}.`;
    }
    case 'unhealthy': {
      const last = probe === null ? '' : `, the last time at ${moment(probe.atNs)}`;
      const how = probe === null ? '' : ` (${probeWords(probe.exitCode)})`;
      const look = `What the checks printed: docker inspect -f '{{json .State.Health}}' ${name}`;
      return `It has been unhealthy since ${since}: ${failed}${last}${how}. ${look}`;
    }
    case 'starting':
      return streak === 0
        ? `Whether it is healthy is not known yet: the first check is awaited since ${since}.`
        : `Whether it is healthy is not known yet: ${failed}.`;
  }
}
