/** HostConfig.SecurityOpt: `key=value`, in old requests `key:value`; the last of a kind counts. */
import type { HostConfig } from '../../machines/container.config.ts';
import { isTrue, textList } from './hostFields.ts';
import { BUILTIN, BUILTIN_WITHOUT_X32 } from './seccomp.builtin.ts';
import { type OciSeccomp, parseProfile, seccompOf } from './seccomp.ts';
import type { HostFacts, OciCapabilities } from './types.ts';

export interface SecurityOptions {
  /** Undefined: not said. */
  readonly noNewPrivileges: boolean | undefined;
  /** `unconfined`, `builtin`, or a profile's text. */
  readonly seccomp: string | undefined;
  readonly appArmor: string | undefined;
  /** Undefined: nothing is said. */
  readonly writableCgroups: boolean | undefined;
}

/** What the daemon's configuration says of containers that say nothing. */
export interface SecurityDefaults {
  readonly noNewPrivileges: boolean;
  readonly seccomp:
    | { readonly kind: 'builtin' | 'unconfined' }
    | { readonly kind: string; readonly text: string };
}

/** As Go reads a boolean. */
const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);

export function securityOptions(hostConfig: HostConfig): SecurityOptions {
  const values = new Map<string, string>();
  for (const option of textList(hostConfig, 'SecurityOpt')) {
    const [, key = option, value = 'true'] = /^([^=:]+)[=:](.*)$/s.exec(option) ?? [];
    values.set(key, value);
  }
  const given = values.get('no-new-privileges');
  const writable = values.get('writable-cgroups');
  return {
    noNewPrivileges: given === undefined ? undefined : TRUE.has(given),
    seccomp: values.get('seccomp'),
    appArmor: values.get('apparmor'),
    writableCgroups: writable === undefined ? undefined : TRUE.has(writable),
  };
}

/** Undefined: no filter. @throws BadProfile */
export function seccompFor(
  hostConfig: HostConfig,
  capabilities: OciCapabilities,
  defaults: SecurityDefaults,
  host: HostFacts,
): OciSeccomp | undefined {
  const { seccomp: asked } = securityOptions(hostConfig);
  const given = asked === undefined || asked === '' ? undefined : asked;
  if (given === 'unconfined') return undefined;
  if (given === undefined && isTrue(hostConfig, 'Privileged')) return undefined;
  const facts = {
    architecture: host.architecture,
    kernelVersion: host.kernelVersion,
    capabilities: capabilities.bounding,
  };
  const builtin = host.x32 ? BUILTIN : BUILTIN_WITHOUT_X32;
  if (given === 'builtin') return seccompOf(builtin, facts);
  if (given !== undefined) return seccompOf(parseProfile(given), facts);
  if (defaults.seccomp.kind === 'unconfined') return undefined;
  if ('text' in defaults.seccomp) return seccompOf(parseProfile(defaults.seccomp.text), facts);
  return seccompOf(builtin, facts);
}

/** Undefined: the host has no AppArmor, or nothing is to be confined. */
export function appArmorProfile(hostConfig: HostConfig, { appArmor }: HostFacts) {
  if (!appArmor.active) return undefined;
  const { appArmor: asked } = securityOptions(hostConfig);
  const unsaid = isTrue(hostConfig, 'Privileged') ? 'unconfined' : appArmor.defaultProfile;
  const profile = asked ?? unsaid;
  return profile === '' ? undefined : profile;
}
