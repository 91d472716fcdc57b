/**
 * From a seccomp profile as Docker writes them, with conditions on capabilities, architecture and
 * kernel, to the one of the OCI spec, which knows none. Pure.
 */

export interface SeccompArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
}

interface Conditions {
  readonly caps?: readonly string[] | null;
  /** In Go's spelling: `amd64`, `arm64`. */
  readonly arches?: readonly string[] | null;
  /** `major.minor` */
  readonly minKernel?: string;
}

export interface Rule {
  readonly name?: string;
  readonly names?: readonly string[] | null;
  readonly action: string;
  readonly errnoRet?: number | null;
  readonly args?: readonly SeccompArgument[] | null;
  readonly includes?: Conditions | null;
  readonly excludes?: Conditions | null;
}

export interface Profile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number | null;
  readonly architectures?: readonly string[] | null;
  readonly archMap?:
    | readonly {
        readonly architecture: string;
        readonly subArchitectures?: readonly string[] | null;
      }[]
    | null;
  readonly flags?: readonly string[] | null;
  readonly syscalls?: readonly Rule[] | null;
}

export interface OciSeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[];
}

export interface OciSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly flags?: readonly string[];
  readonly syscalls: readonly OciSeccompRule[];
}

/** What the conditions are about. */
export interface SeccompHost {
  /** As `uname -m` says: `x86_64`, `aarch64`. */
  readonly architecture: string;
  /** As `uname -r` says. */
  readonly kernelVersion: string;
  /** Capabilities that the container has. */
  readonly capabilities: readonly string[];
}

/** A profile that nobody can make sense of; the text is for the user. */
export class BadProfile extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BadProfile';
  }
}

/** @throws BadProfile */
export function parseProfile(text: string): Profile {
  const fail = (why: string, cause?: unknown) =>
    new BadProfile(`decoding seccomp profile failed: ${why}`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw fail(error.message, error);
  }
  if (!isProfile(value)) throw fail('it is no object with a defaultAction and a list of syscalls');
  return value;
}

function isProfile(value: unknown): value is Profile {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { defaultAction, syscalls } = value as Partial<Profile>;
  const listed = syscalls === undefined || syscalls === null || Array.isArray(syscalls);
  return (defaultAction === undefined || typeof defaultAction === 'string') && listed;
}

/** @throws BadProfile when it says two things at once */
export function seccompOf(profile: Profile, host: SeccompHost): OciSeccomp {
  const { defaultAction, defaultErrnoRet, flags, syscalls } = profile;
  const architectures = architecturesOf(profile, host);
  return {
    defaultAction,
    ...(typeof defaultErrnoRet === 'number' ? { defaultErrnoRet } : {}),
    ...(architectures.length === 0 ? {} : { architectures }),
    ...(flags == null || flags.length === 0 ? {} : { flags }),
    syscalls: (syscalls ?? []).filter((rule) => applies(rule, host)).flatMap(ruleOf),
  };
}

const LIBSECCOMP: Readonly<Record<string, string>> = {
  x86_64: 'SCMP_ARCH_X86_64',
  aarch64: 'SCMP_ARCH_AARCH64',
  s390x: 'SCMP_ARCH_S390X',
  riscv64: 'SCMP_ARCH_RISCV64',
};
const GO: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

function architecturesOf(
  { architectures, archMap }: Profile,
  { architecture }: SeccompHost,
): readonly string[] {
  if (architectures?.length && archMap?.length) {
    throw new BadProfile(
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either " +
        "'architectures' or 'archMap'",
    );
  }
  if (architectures?.length) return architectures;
  const own = archMap?.find((entry) => entry.architecture === LIBSECCOMP[architecture]);
  return own === undefined ? [] : [own.architecture, ...(own.subArchitectures ?? [])];
}

function applies({ includes, excludes }: Rule, host: SeccompHost): boolean {
  const arch = GO[host.architecture] ?? host.architecture;
  const has = (capability: string) => host.capabilities.includes(capability);
  if (excludes?.arches?.includes(arch) || excludes?.caps?.some(has)) return false;
  if (excludes?.minKernel && isAtLeast(host.kernelVersion, excludes.minKernel)) return false;
  if (includes?.arches?.length && !includes.arches.includes(arch)) return false;
  if (includes?.caps && !includes.caps.every(has)) return false;
  return !includes?.minKernel || isAtLeast(host.kernelVersion, includes.minKernel);
}

function isAtLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = numbers(kernel);
  const [wantedMajor = 0, wantedMinor = 0] = numbers(wanted);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

const numbers = (version: string): readonly number[] =>
  (/^\d+(\.\d+)?/.exec(version)?.[0] ?? '').split('.').map(Number);

function ruleOf({ name = '', names, action, errnoRet, args }: Rule): readonly OciSeccompRule[] {
  if (name !== '' && names?.length) {
    throw new BadProfile(
      "'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'",
    );
  }
  const all = name === '' ? (names ?? []) : [name];
  if (all.length === 0) return [];
  const conditions = args ?? [];
  return [
    {
      names: all,
      action,
      ...(typeof errnoRet === 'number' ? { errnoRet } : {}),
      ...(conditions.length === 0 ? {} : { args: conditions }),
    },
  ];
}
