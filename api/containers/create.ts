/**
 * From the body of `POST /containers/create` to the command `create`: validation, the image's
 * values, the defaults, and the secrets. Pure, but for the random id and salts that come through a
 * port.
 */
import type { ContainerCommand } from '../../machines/container.commands.ts';
import type { HostConfig } from '../../machines/container.config.ts';
import type { Attachment } from '../../machines/network.config.ts';
import { signalNumber } from '../../machines/signals.ts';
import type { ImageView } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import { platformOf } from '../images/lookup.ts';
import type { ContainerCreateRequest, RestartPolicy } from '../openapi.gen.ts';
import type { Ambient } from '../ports.ts';
import { secret, takenAway } from '../secret.ts';
import type { ApiVersion } from '../versions.ts';
import { checkHealthcheck } from './health.ts';
import { type HostDefaults, hostConfig } from './hostConfig.ts';
import { checkLogConfig } from './logConfig.ts';
import { mergeConfig } from './merge.ts';
import { checkNetworkWishes, networkWarnings } from './networkWishes.ts';
import { checkResources, type HostLimits } from './resources.ts';
import { refuseUnsupported } from './unsupported.ts';

export type CreateCommand = Extract<ContainerCommand, { type: 'create' }>;

/** What a container takes of its image. */
export type ImageSource = Pick<
  ImageView,
  'id' | 'chainId' | 'config' | 'os' | 'architecture' | 'variant'
>;

export interface CreateContext extends HostDefaults {
  readonly ambient: Ambient;
  readonly hostName: string;
  readonly version: ApiVersion;
  /** What will hold its root. */
  readonly snapshotter: string;
  readonly limits: HostLimits;
  /** Of the container that the network mode joins, if it is there. */
  namesOf(mode: string): { readonly Hostname: string; readonly Domainname: string } | undefined;
  /** What it wants of networks; undefined: what its mode says. @throws ApiError 400 */
  attachments(asked: ContainerCreateRequest, mode: string): readonly Attachment[] | undefined;
  checkRuntime(name: string): void;
}

const invalid = (message: string) => apiError('invalid-create', { message });

/** 64 hex digits whose short form cannot be taken for a number. */
export function newId(ambient: Ambient): string {
  const id = ambient.randomHex(32);
  return /^\d{12}/.test(id) ? newId(ambient) : id;
}

const POLICIES = ['', 'no', 'always', 'on-failure', 'unless-stopped'];

/** @throws ApiError 400 */
export function checkRestartPolicy(policy: RestartPolicy): void {
  const { Name: name = '', MaximumRetryCount: retries = 0 } = policy;
  const refuse = (text: string) => invalid(`invalid restart policy: ${text}`);
  if (!POLICIES.includes(name))
    throw refuse(
      `unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  if (retries < 0) throw refuse('maximum retry count cannot be negative');
  if (retries > 0 && name !== 'on-failure')
    throw refuse("maximum retry count can only be used with 'on-failure'");
}

const MODES = {
  IpcMode: { label: 'IPC mode', known: ['', 'none', 'private', 'shareable', 'host'] },
  PidMode: { label: 'PID mode', known: ['', 'private', 'host'] },
  UTSMode: { label: 'UTS mode', known: ['', 'private', 'host'] },
  CgroupnsMode: { label: 'cgroup namespace mode', known: ['', 'private', 'host'] },
} as const;

/** Of PID the donor must be named; no other container's UTS or control group can be joined. */
const DONOR_MODES = {
  IpcMode: /^container:/,
  PidMode: /^container:./,
  UTSMode: /$^/,
  CgroupnsMode: /$^/,
} as const;

function checkModes(asked: ContainerCreateRequest): void {
  const host = asked.HostConfig ?? {};
  for (const field of ['IpcMode', 'PidMode', 'UTSMode', 'CgroupnsMode'] as const) {
    const mode = host[field] ?? '';
    const known: readonly string[] = MODES[field].known;
    if (!known.includes(mode) && !DONOR_MODES[field].test(mode))
      throw invalid(`invalid ${MODES[field].label}: ${mode}`);
  }
  if (host.UTSMode === 'host' && (asked.Hostname ?? '') !== '')
    throw invalid('conflicting options: hostname and the UTS mode');
}

/** All that can be said without looking at the image. @throws ApiError */
export function validateCreate(asked: ContainerCreateRequest, version: ApiVersion): void {
  const directory = asked.WorkingDir ?? '';
  if (directory !== '' && !directory.startsWith('/'))
    throw invalid(
      `the working directory '${directory}' is invalid, it needs to be an absolute path`,
    );
  if ((asked.StopSignal ?? '') !== '' && signalNumber(asked.StopSignal ?? '') === undefined)
    throw invalid(`invalid signal: ${asked.StopSignal}`);
  for (const entry of asked.Env ?? [])
    if (entry === '' || entry.startsWith('='))
      throw invalid(`invalid environment variable: ${entry}`);
  checkHealthcheck(asked.Healthcheck);
  if ((asked.HostConfig?.ShmSize ?? 0) < 0) throw invalid('SHM size can not be less than 0');
  const adjustment = asked.HostConfig?.OomScoreAdj ?? 0;
  if (adjustment < -1000 || adjustment > 1000)
    throw invalid(`Invalid value ${adjustment}, range for oom score adj is [-1000, 1000]`);
  if (Object.keys(asked.HostConfig?.Annotations ?? {}).includes(''))
    throw invalid('invalid Annotations: the empty string is not permitted as an annotation key');
  const policy = asked.HostConfig?.RestartPolicy ?? {};
  checkRestartPolicy(policy);
  if (asked.HostConfig?.AutoRemove === true && !['', 'no', undefined].includes(policy.Name))
    throw invalid("can't create 'AutoRemove' container with restart policy");
  checkLogConfig(asked.HostConfig?.LogConfig ?? {});
  checkModes(asked);
  checkNetworkWishes(asked, version);
  refuseUnsupported(asked);
}

function hostnameFor(host: HostConfig, id: string, context: CreateContext): string {
  return host.NetworkMode === 'host' ? context.hostName : id.slice(0, 12);
}

/**
 * The command, but for the name, of a request that `validateCreate` let pass.
 * @throws ApiError 400 for an unknown runtime and for a container without a command.
 */
export function createCommand(
  asked: ContainerCreateRequest,
  image: ImageSource,
  context: CreateContext,
): Omit<CreateCommand, 'name'> {
  const id = newId(context.ambient);
  const checked = checkResources(asked.HostConfig ?? {}, context.limits);
  const given = { ...asked.HostConfig, ...checked.changes };
  const host = hostConfig(given, context, context.version);
  context.checkRuntime(host.Runtime);
  const hostname = hostnameFor(host, id, context);
  const names = context.namesOf(host.NetworkMode) ?? {};
  const named = { ...asked, ...names };
  const { config, env } = mergeConfig(named, image.config, hostname, context.version);
  if (config.Cmd === null && config.Entrypoint === null) throw invalid('no command specified');
  const networks = context.attachments(asked, host.NetworkMode);
  return {
    type: 'create',
    id,
    image: { id: image.id, chainId: image.chainId },
    config,
    hostConfig: host,
    env: [...env].map(([name, value]) =>
      value === null ? takenAway(name) : secret(context.ambient, name, value),
    ),
    platform: platformOf(image),
    warnings: [...checked.warnings, ...networkWarnings(asked, host.NetworkMode, context.version)],
    snapshotter: context.snapshotter,
    ...(networks === undefined ? {} : { networks }),
  };
}
