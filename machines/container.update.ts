/** What an update contradicts: other values given before, which only it could take back. */
import type { UpdateConflict } from './container.commands.ts';
import type { ContainerChanges } from './container.config.ts';
import type { ContainerContext } from './container.context.ts';
import type { JsonObject } from './words.ts';

/** In dockerd's order; undefined: nothing. */
export function updateConflict(
  { hostConfig }: Pick<ContainerContext, 'hostConfig'>,
  { restartPolicy, resources = {} }: ContainerChanges,
): UpdateConflict | undefined {
  const given = positive(hostConfig);
  const wanted = positive(resources);
  if (wanted('NanoCpus') && given('CpuPeriod')) return 'nano-period';
  if (wanted('NanoCpus') && given('CpuQuota')) return 'nano-quota';
  if (wanted('CpuPeriod') && given('NanoCpus')) return 'period-nano';
  if (wanted('CpuQuota') && given('NanoCpus')) return 'quota-nano';
  if (exceedsSwap(hostConfig, resources)) return 'swap';
  const stays = restartPolicy !== undefined && restartPolicy.Name !== 'no';
  return hostConfig.AutoRemove && stays ? 'auto-remove' : undefined;
}

const positive =
  (fields: JsonObject) =>
  (name: string): boolean =>
    numberOf(fields[name]) > 0;

/** Also where no limit was set before: what is stored then is 0 or -1. */
function exceedsSwap(hostConfig: JsonObject, { Memory, MemorySwap }: JsonObject): boolean {
  if (Memory === undefined || MemorySwap !== undefined) return false;
  return numberOf(Memory) > numberOf(hostConfig['MemorySwap']);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
