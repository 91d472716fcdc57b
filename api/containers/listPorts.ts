/**
 * The filters `publish` and `expose` of the list: ports as `80`, `80/udp`, `80-90` or `80-90/tcp`.
 */
import { apiError } from '../errors.ts';
import type { Filters } from '../filters.ts';

interface PortRange {
  readonly from: number;
  readonly to: number;
  readonly protocol: string;
}

const FORM = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/;

/** @throws ApiError 400 */
function portRange(key: string, value: string): PortRange {
  const [, from = '', to = from, protocol = 'tcp'] = FORM.exec(value.toLowerCase()) ?? [];
  const range = { from: Number(from), to: Number(to), protocol };
  if (from === '' || range.to < range.from || range.to > 65_535)
    throw apiError('invalid-filter-value', { key, value, reason: 'not a port or range of ports' });
  return range;
}

/**
 * A test of ports such as `80/tcp`: without values of the key everything passes.
 * @throws ApiError 400 for a value that is no port.
 */
export function portTest(
  given: Filters,
  key: 'publish' | 'expose',
): (ports: readonly string[]) => boolean {
  const ranges = given.get(key).map((value) => portRange(key, value));
  const inside = (port: string): boolean => {
    const [number = '', protocol = 'tcp'] = port.split('/');
    const at = Number(number);
    return ranges.some(
      (range) => range.protocol === protocol && at >= range.from && at <= range.to,
    );
  };
  return (ports) => ranges.length === 0 || ports.some(inside);
}
