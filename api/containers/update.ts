/**
 * `POST /containers/{id}/update`: resources and restart policy. 0 and the empty text leave a value
 * as it is, as dockerd has it.
 */
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import { jsonBody } from '../body.ts';
import type { ContainerUpdateRequest, RestartPolicy } from '../openapi.gen.ts';
import { type ApiContext, type Handler, json } from '../request.ts';
import { type ApiVersion, before } from '../versions.ts';
import { checkRestartPolicy } from './create.ts';
import { containerId } from './lookup.ts';
import { type Checked, checkResources } from './resources.ts';
import { submit } from './submit.ts';
import { empty } from './unsupported.ts';

const FIELDS = [
  'BlkioWeight',
  'CpuShares',
  'NanoCpus',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpusetCpus',
  'CpusetMems',
  'Memory',
  'MemorySwap',
  'MemoryReservation',
] as const;

/** Of devices; changed since version 1.55. */
const DEVICE_FIELDS = [
  'BlkioWeightDevice',
  'BlkioDeviceReadBps',
  'BlkioDeviceWriteBps',
  'BlkioDeviceReadIOps',
  'BlkioDeviceWriteIOps',
] as const;

/** The fields that say something, with what the check made of them. */
function changedOf(
  asked: ContainerUpdateRequest,
  { changes }: Checked,
  version: ApiVersion,
): JsonObject {
  const fields: Record<string, JsonValue> = {};
  const names = before(version, '1.55') ? FIELDS : [...FIELDS, ...DEVICE_FIELDS];
  for (const name of names) {
    const value: JsonValue = changes[name] ?? Reflect.get(asked, name) ?? null;
    if (!empty(value)) fields[name] = value;
  }
  const pids = asked.PidsLimit ?? undefined;
  if (pids !== undefined && changes['PidsLimit'] === undefined)
    fields['PidsLimit'] = Math.max(pids, 0);
  return fields;
}

function policyOf(policy: RestartPolicy | undefined) {
  if (policy?.Name === undefined || policy.Name === '') return {};
  const { Name, MaximumRetryCount = 0 } = policy;
  return { restartPolicy: { Name, MaximumRetryCount } };
}

function checked({ ports }: ApiContext, asked: ContainerUpdateRequest): Checked {
  const { limits, host } = ports.daemon.info();
  return checkResources(asked, { limits, processors: host.cpus }, true);
}

export const update: Handler = async (context, request) => {
  const ref = request.params['id'] ?? '';
  const { value: asked } = await jsonBody('ContainerUpdateRequest', request);
  const id = containerId(context.ports, ref);
  if (asked.RestartPolicy !== undefined) checkRestartPolicy(asked.RestartPolicy);
  const check = checked(context, asked);
  const resources = changedOf(asked, check, request.version);
  const changes = {
    ...policyOf(asked.RestartPolicy),
    ...(Object.keys(resources).length === 0 ? {} : { resources }),
  };
  await submit(context, request, { type: 'update', id, ...changes }, ref);
  return json({ Warnings: check.warnings.length === 0 ? null : check.warnings }, 200);
};
