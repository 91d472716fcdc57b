/** Rights asked for at create: capabilities, security options, isolation, storage. Pure. */
import { apiError } from '../errors.ts';
import type { ContainerCreateRequest, HostConfigRequest } from '../openapi.gen.ts';

export interface Capabilities {
  /** All names there are, `CAP_…`. */
  readonly known: readonly string[];
  /** Those that this daemon may give. */
  readonly available: readonly string[];
}

const refuse = (message: string) => apiError('invalid-create', { message });
/** What dockerd answers with 500 although the request is wrong. */
const fail = (message: string) => apiError('failed-create', { message });

/** @throws ApiError 400, for options 500 */
export function checkSecurity(asked: ContainerCreateRequest, capabilities: Capabilities): void {
  const host = asked.HostConfig ?? {};
  checkIsolation(host.Isolation ?? '');
  checkCapabilities('CapAdd', host.CapAdd ?? [], capabilities);
  checkCapabilities('CapDrop', host.CapDrop ?? [], capabilities);
  for (const option of host.SecurityOpt ?? []) checkOption(option);
  const [unknown] = Object.keys(host.StorageOpt ?? {}).filter((name) => name !== 'size');
  if (unknown !== undefined) throw fail(`Unknown option ${unknown}`);
  if ('size' in (host.StorageOpt ?? {}))
    throw fail("--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
}

function checkIsolation(isolation: string): void {
  if (isolation === '' || isolation.toLowerCase() === 'default') return;
  throw fail(`invalid isolation: ${JSON.stringify(isolation)} - linux only supports 'default'`);
}

function checkCapabilities(
  field: 'CapAdd' | 'CapDrop',
  names: readonly string[],
  { known, available }: Capabilities,
): void {
  for (const given of names) {
    const upper = given.toUpperCase();
    if (upper === 'ALL') continue;
    const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    if (!known.includes(name)) throw refuse(`invalid ${field}: unknown capability: "${name}"`);
    if (!available.includes(name))
      throw refuse(
        `invalid ${field}: capability not supported by your kernel or not available in the ` +
          `current environment: "${name}"`,
      );
  }
}

const KEYS = new Set(['label', 'apparmor', 'seccomp']);
const SWITCHES = new Set(['no-new-privileges', 'writable-cgroups']);
const BOOLEANS = /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/;

function checkOption(option: string): void {
  if (SWITCHES.has(option) || option === 'disable') return;
  const shown = JSON.stringify(option);
  const match = option.includes('=')
    ? /^([^=]*)=(.*)$/s.exec(option)
    : /^([^:]*):(.*)$/s.exec(option);
  if (match === null) throw fail(`invalid --security-opt 1: ${shown}`);
  const [, key = '', value = ''] = match;
  if (KEYS.has(key) || (SWITCHES.has(key) && BOOLEANS.test(value))) return;
  throw fail(`invalid --security-opt 2: ${shown}`);
}

/** Sharing the host's processes or IPC, or all rights, is without labels, and inspect shows it. */
export function securityOpt(host: NonNullable<HostConfigRequest>): readonly string[] | null {
  const given = host.SecurityOpt ?? [];
  const labelled = given.some((option) => option.startsWith('label='));
  const shares = host.IpcMode === 'host' || host.PidMode === 'host' || host.Privileged === true;
  if (shares && !labelled) return [...given, 'label=disable'];
  return given.length === 0 ? null : given;
}

/** @throws ApiError 400: systemd's groups are in slices */
export function checkCgroupParent(
  { HostConfig }: ContainerCreateRequest,
  driver: 'cgroupfs' | 'systemd',
): void {
  const parent = HostConfig?.CgroupParent ?? '';
  if (parent === '' || driver === 'cgroupfs') return;
  if (parent.length > '.slice'.length && parent.endsWith('.slice')) return;
  throw refuse('cgroup-parent for systemd cgroup should be a valid slice named as "xxx.slice"');
}
