/**
 * Options of create that shiplog does not carry out yet. Each is refused with 501 when it is really
 * asked for; the empty and default values that clients send along pass. A row leaves this table
 * when the option works.
 */
import type { JsonValue } from '../../machines/words.ts';
import { apiError } from '../errors.ts';
import type { ContainerCreateRequest, HostConfigRequest } from '../openapi.gen.ts';

type HostField = keyof NonNullable<HostConfigRequest>;
type ConfigField = 'NetworkDisabled';

/** Fields of HostConfig, what they are called in the refusal, and values that ask for nothing. */
const hostFields: readonly (readonly [HostField, string, ...JsonValue[]])[] = [];

const configFields: readonly (readonly [ConfigField, string, ...JsonValue[]])[] = [
  ['NetworkDisabled', 'containers without network by NetworkDisabled (use --network none)'],
];

export function empty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 0)
    return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

const same = (left: unknown, right: JsonValue): boolean =>
  JSON.stringify(left) === JSON.stringify(right);

function refuse(value: unknown, what: string, harmless: readonly JsonValue[]): void {
  if (!empty(value) && !harmless.some((one) => same(value, one)))
    throw apiError('unsupported', { what });
}

/** @throws ApiError 501 naming the first option that would be silently ignored. */
export function refuseUnsupported(asked: ContainerCreateRequest): void {
  const host = asked.HostConfig ?? {};
  for (const [field, what, ...harmless] of hostFields) refuse(host[field], what, harmless);
  for (const [field, what, ...harmless] of configFields) refuse(asked[field], what, harmless);
}
