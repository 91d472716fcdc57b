/**
 * Health checks as clients give and see them: what create takes, what a container has of its image,
 * and what inspect, list and its filter show.
 */
import type { HealthConfig } from '../../machines/container.config.ts';
import type { JsonObject } from '../../machines/words.ts';
import type { ContainerSummary } from '../../projections/views.ts';
import { type ApiError, apiError } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { object, texts } from '../images/config.ts';
import type {
  HealthConfig as AskedHealthConfig,
  HealthcheckResult,
  HealthSummary,
} from '../openapi.gen.ts';
import type { SideReader } from '../ports.ts';
import { rfc3339 } from '../time.ts';
import { type ApiVersion, before } from '../versions.ts';

/** One millisecond. */
const LEAST_NS = 1_000_000;
const TIMES = ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const;
const NUMBERS = [...TIMES, 'Retries'] as const;

const invalid = (message: string): ApiError => apiError('invalid-create', { message });

/** @throws ApiError 400, of the first value that is wrong, in dockerd's order. */
export function checkHealthcheck(asked: AskedHealthConfig | undefined): void {
  for (const field of ['Interval', 'Timeout', 'Retries', 'StartPeriod', 'StartInterval'] as const) {
    const value = asked?.[field] ?? 0;
    if (field === 'Retries') {
      if (value < 0) throw invalid('Retries in Healthcheck cannot be negative');
    } else if (value !== 0 && value < LEAST_NS)
      throw invalid(`${field} in Healthcheck cannot be less than 1ms`);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What it says: empty and zero say nothing. */
function said(test: readonly string[], number: (field: (typeof NUMBERS)[number]) => unknown) {
  const config: Mutable<HealthConfig> = {};
  if (test.length > 0) config.Test = test;
  for (const field of NUMBERS) {
    const value = number(field);
    if (typeof value === 'number' && value !== 0) config[field] = value;
  }
  return config;
}

/**
 * The container's own values, and the image's where it says nothing; undefined: neither says any.
 * @param version older clients do not know what a start interval is: theirs is dropped.
 */
export function mergeHealthcheck(
  asked: AskedHealthConfig | undefined,
  image: JsonObject,
  version: ApiVersion,
): HealthConfig | undefined {
  const from = object(image['Healthcheck']);
  const inherited = said(texts(from['Test']), (field) => from[field]);
  const hidden = (field: string): boolean => field === 'StartInterval' && before(version, '1.44');
  const own = said(asked?.Test ?? [], (field) => (hidden(field) ? 0 : asked?.[field]));
  const merged = { ...inherited, ...own };
  return Object.keys(merged).length === 0 ? undefined : merged;
}

/** A result as it is kept beside the log; times are decimal nanoseconds. */
interface KeptResult {
  readonly run: number;
  readonly streak: number;
  readonly startNs: string;
  readonly endNs: string;
  readonly exitCode: number;
  readonly output: string;
}

/** The last probes of a container, oldest first, whatever run they were of. */
function keptResults(side: SideReader, id: string): readonly KeptResult[] {
  return side.kept(`container/${id}`, 'health.result').map((one) => one as object as KeptResult);
}

/** Failures are facts until it is unhealthy; how many came after that is counted beside the log. */
export function healthSummary({ id, health }: ContainerSummary, side: SideReader): HealthSummary {
  if (health === null) return { Status: 'none', FailingStreak: 0 };
  const { status, streak, run } = health;
  const last = status === 'unhealthy' ? keptResults(side, id).at(-1) : undefined;
  return { Status: status, FailingStreak: last?.run === run ? last.streak : streak };
}

export function healthLog({ id, health }: ContainerSummary, side: SideReader) {
  if (health === null) return [];
  return keptResults(side, id).map(
    ({ startNs, endNs, exitCode, output }): HealthcheckResult => ({
      Start: rfc3339(BigInt(startNs)),
      End: rfc3339(BigInt(endNs)),
      ExitCode: exitCode,
      Output: output,
    }),
  );
}

/** What `ps` says behind the time of a running container; empty: it has no check. */
export function healthText({ health }: ContainerSummary): string {
  if (health === null) return '';
  return health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`;
}

const STATUSES = ['none', 'starting', 'healthy', 'unhealthy'];

/** @throws ApiError 400 */
export function byHealth(given: Filters): (item: ContainerSummary) => boolean {
  for (const value of given.get('health'))
    if (!STATUSES.includes(value)) {
      const reason = `invalid value for health (${value}): must be one of ${STATUSES.join(', ')}`;
      throw apiError('invalid-filter-value', { key: 'health', value, reason });
    }
  return ({ health }) => given.any('health', (value) => value === (health?.status ?? 'none'));
}
