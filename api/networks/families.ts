/** Whether a network that is asked for has IPv4, and whether IPv6. */
import { isTruth } from '../../machines/network.config.ts';
import { apiError } from '../errors.ts';
import type { NetworkCreateRequest } from '../openapi.gen.ts';
import { type ApiVersion, before } from '../versions.ts';

export interface Families {
  /** As facts have it: absent for yes. */
  readonly enableIPv4?: false;
  readonly enableIPv6: boolean;
  /** Without those that a field overrules. */
  readonly options: Readonly<Record<string, string>>;
}

const bad = (message: string) => apiError('bad-parameter', { message });

/**
 * The field says it, which for IPv4 there is since 1.48, else the driver's option, else IPv4 alone.
 * @throws ApiError 400, in docker's words
 */
export function familiesOf(
  { EnableIPv4, EnableIPv6 }: Pick<NetworkCreateRequest, 'EnableIPv4' | 'EnableIPv6'>,
  options: Readonly<Record<string, string>>,
  version: ApiVersion,
): Families {
  const left = { ...options };
  const enabled = (option: string, field: boolean | null | undefined, otherwise: boolean) => {
    const { [option]: text } = left;
    if (typeof field === 'boolean') {
      delete left[option];
      return field;
    }
    const said = text === undefined ? otherwise : isTruth(text);
    if (said === undefined) throw bad(`driver-opt "${option}" is not a valid bool`);
    return said;
  };
  const field = before(version, '1.48') ? undefined : EnableIPv4;
  const enableIPv4 = enabled('com.docker.network.enable_ipv4', field, true);
  const enableIPv6 = enabled('com.docker.network.enable_ipv6', EnableIPv6, false);
  if (!enableIPv4 && !enableIPv6) throw bad('IPv4 or IPv6 must be enabled');
  return { ...(enableIPv4 ? {} : { enableIPv4 }), enableIPv6, options: left };
}
