/** The subnets that were asked for: all that is wrong with them, at once and in docker's words. */
import {
  contains,
  formatSubnet,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
} from '../../machines/network.address.ts';
import type { AskedPool } from '../../machines/network.commands.ts';
import { apiError } from '../errors.ts';

const bad = (message: string) => apiError('bad-parameter', { message });

/** @param ipv6 without it pools of IPv6 are left out, whatever they say. @throws ApiError 400 */
export function checkPools(pools: readonly AskedPool[], ipv6: boolean): void {
  const wrong = pools
    .filter(({ subnet }) => ipv6 || !subnet.includes(':'))
    .flatMap((pool) => problems(pool));
  if (wrong.length === 0) return;
  const list = wrong.length === 1 ? wrong : wrong.map((one) => `* ${one}`);
  throw bad(`invalid network config:\n${list.join('\n')}`);
}

/** @throws ApiError 400 for what is no address at all */
function problems({ subnet: given, ipRange, gateway, auxiliary }: AskedPool): readonly string[] {
  const subnet = given === '' ? undefined : parseSubnet(given);
  if (given !== '' && subnet === undefined)
    throw bad(`invalid subnet ${given}: invalid CIDR block notation`);
  return [
    ...(subnet === undefined ? [] : maskProblems('subnet', given, subnet)),
    ...(ipRange === '' ? [] : rangeProblems(ipRange, subnet)),
    ...(gateway === '' ? [] : addressProblems(`gateway ${gateway}`, gateway, subnet)),
    ...Object.entries(auxiliary).flatMap(([name, address]) =>
      addressProblems(`auxiliary address ${name}`, address, subnet),
    ),
  ];
}

/** Bits behind the prefix are set. */
function maskProblems(what: string, given: string, parsed: Subnet): readonly string[] {
  const address = parseAddress(given.split('/')[0] ?? '');
  if (address?.value === parsed.base) return [];
  return [`invalid ${what} ${given}: it should be ${formatSubnet(parsed)}`];
}

function rangeProblems(given: string, subnet: Subnet | undefined): readonly string[] {
  const range = parseSubnet(given);
  if (range === undefined) throw bad(`invalid ip-range ${given}: invalid CIDR block notation`);
  const what = `invalid ip-range ${given}`;
  if (range.family !== (subnet?.family ?? 4))
    return [`${what}: parent subnet is an IPv${subnet?.family ?? 4} block`];
  const parent = parentOf(subnet);
  const wider = subnet !== undefined && range.prefix < subnet.prefix;
  const outside = subnet === undefined || !overlaps(subnet, range);
  return [
    ...(wider ? [`${what}: CIDR block is bigger than its parent subnet ${parent}`] : []),
    ...maskProblems('ip-range', given, range),
    ...(outside ? [`${what}: parent subnet ${parent} doesn't contain ip-range`] : []),
  ];
}

function addressProblems(
  what: string,
  given: string,
  subnet: Subnet | undefined,
): readonly string[] {
  const address = parseAddress(given);
  if (address === undefined) throw bad(`invalid ${what}: ${JSON.stringify(given)} is no address`);
  if (address.family !== (subnet?.family ?? 4))
    return [`invalid ${what}: parent subnet is an IPv${subnet?.family ?? 4} block`];
  if (subnet !== undefined && contains(subnet, address)) return [];
  return [`invalid ${what}: parent subnet ${parentOf(subnet)} doesn't contain this address`];
}

const parentOf = (subnet: Subnet | undefined): string =>
  subnet === undefined ? 'invalid Prefix' : formatSubnet(subnet);
