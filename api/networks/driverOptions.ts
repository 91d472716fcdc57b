/** Options of the bridge driver, as far as it knows them; what it does not know means nothing. */
import { isIP } from 'node:net';
import { isTruth } from '../../machines/network.config.ts';
import { apiError } from '../errors.ts';

const PREFIX = 'com.docker.network.';
const BOOLEANS = ['bridge.enable_icc', 'bridge.enable_ip_masquerade', 'bridge.default_bridge'];

/** @throws ApiError 400, in docker's words */
export function checkDriverOptions(options: Readonly<Record<string, string>>): void {
  for (const [label, value] of Object.entries(options)) {
    const why = problem(label.replace(PREFIX, ''), value);
    if (why === undefined) continue;
    throw bad(`failed to parse ${label} value: ${value} (${why})`);
  }
  const mtu = Number(options[`${PREFIX}driver.mtu`] ?? 0);
  if (mtu < 0) throw bad(`invalid MTU number: ${mtu}`);
}

const bad = (message: string) => apiError('bad-parameter', { message });

function problem(name: string, value: string): string | undefined {
  if (BOOLEANS.includes(name) && isTruth(value) === undefined)
    return `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
  if (name === 'driver.mtu' && !/^[+-]?\d+$/.test(value))
    return `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`;
  if (name === 'bridge.host_binding_ipv4' && isIP(value) === 0) return 'nil ip';
  return undefined;
}
