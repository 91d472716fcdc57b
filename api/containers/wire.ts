/**
 * Containers as Engine API JSON, typed by api/openapi.yaml. What a version hides is left out here.
 */
import { join } from 'node:path';
import type { CustomParts, LockedRuntime } from '../../machines/container.config.ts';
import type { Waiting } from '../../machines/container.waiting.ts';
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import type { ContainerDetails, ContainerSummary as Summary } from '../../projections/views.ts';
import { shownMount } from '../mounts/wire.ts';
import { listedNetworks, listedPorts, type NetworkPicture } from '../networks/settings.ts';
import type {
  ContainerCreated,
  ContainerInspect,
  ContainerState,
  ContainerSummary,
  Health,
  HealthSummary,
  MountPointView,
  ShiplogState,
} from '../openapi.gen.ts';
import { rfc3339, unixSeconds } from '../time.ts';
import { type ApiVersion, before } from '../versions.ts';
import { type ContainerSize, type ContainerSizes, listedSize } from './sizes.ts';
import { exitCode, isRunning, statusText } from './status.ts';

export const created = (id: string, warnings: readonly string[]): ContainerCreated => ({
  Id: id,
  Warnings: warnings,
});

/** Entrypoint and arguments in one line; an argument that holds blanks stands in single quotes. */
const commandLine = (argv: readonly string[]): string =>
  argv.map((part, index) => (index > 0 && part.includes(' ') ? `'${part}'` : part)).join(' ');

export interface ListShape {
  readonly picture: NetworkPicture;
  readonly version: ApiVersion;
  readonly nowNs: bigint;
  /** Of each container; empty: not asked for. */
  readonly sizes: ContainerSizes;
  mountsOf(id: string): readonly MountPointView[];
}

/** One item of the list. */
export function listed(
  summary: Summary,
  annotations: JsonValue | undefined,
  health: HealthSummary,
  shape: ListShape,
): ContainerSummary {
  const shown = !before(shape.version, '1.46') && isTextMap(annotations);
  return {
    Id: summary.id,
    Names: [`/${summary.name}`],
    Image: summary.image,
    ImageID: summary.imageId,
    Command: commandLine(summary.argv),
    Created: unixSeconds(summary.createdNs),
    Ports: listedPorts(summary, shape.picture),
    ...listedSize(shape.sizes.get(summary.id)),
    Labels: summary.labels,
    State: summary.status,
    Status: statusText(summary, shape.nowNs),
    HostConfig: {
      NetworkMode: summary.networkMode,
      ...(shown ? { Annotations: annotations } : {}),
    },
    ...(before(shape.version, '1.52') ? {} : { Health: health }),
    NetworkSettings: { Networks: listedNetworks(summary, shape.picture) },
    Mounts: shape.mountsOf(summary.id),
  };
}

function isTextMap(value: JsonValue | undefined): value is { readonly [key: string]: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((item) => typeof item === 'string');
}

/** @param health shown if the container's health is or was checked. */
export function state(details: ContainerDetails, health: Health): ContainerState {
  const { status } = details;
  const running = isRunning(details);
  return {
    Status: status,
    Running: running,
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: details.oomKilled,
    Dead: status === 'dead',
    Pid: running ? details.pid : 0,
    ExitCode: running ? 0 : exitCode(details),
    Error: details.error,
    StartedAt: rfc3339(details.startedNs),
    FinishedAt: rfc3339(details.finishedNs),
    ...(details.health === null ? {} : { Health: health }),
  };
}

function config(details: ContainerDetails, env: readonly string[]): JsonObject {
  return { Volumes: null, ...details.config, Env: env, OnBuild: null };
}

export interface InspectShape {
  /** As docker shows them. */
  readonly links: readonly string[] | null;
  /** Empty: none was asked for. */
  readonly macAsked: string;
  readonly networkSettings: JsonObject;
  readonly version: ApiVersion;
  /** undefined: not asked for. */
  readonly size: ContainerSize | undefined;
  readonly dataRoot: string;
  readonly execIds: readonly string[];
  readonly health: Health;
  readonly waiting: Waiting | null;
  readonly runtime: LockedRuntime | null;
  readonly custom: CustomParts;
  /** Values of the environment by digest; erased ones are absent. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** What the latest run was locked to, whatever its name means by now. */
function lockedRuntime({ name, shim, options, generic, wrapper }: LockedRuntime) {
  return {
    Name: name,
    Shim: shim,
    Options: { ...(generic ?? options) },
    Path: wrapper?.path ?? options.binaryName,
    Arguments: wrapper?.arguments ?? [],
    Wrapper: wrapper === undefined ? '' : options.binaryName,
    WrapperDigest: wrapper === undefined ? '' : `sha256:${wrapper.sha256}`,
  };
}

/** An object of our own beside Docker's members, which its clients skip. */
function shiplog(
  { phase }: ContainerDetails,
  { waiting, runtime, custom }: InspectShape,
): ShiplogState {
  return {
    State: phase,
    WaitsFor: waiting?.words ?? '',
    Since: rfc3339(waiting?.sinceNs ?? null),
    Tries: waiting?.tries ?? 0,
    LastError: waiting?.lastError ?? '',
    Runtime: runtime === null ? null : lockedRuntime(runtime),
    RootPath: custom.root ?? '',
    Spec: custom.spec ?? null,
  };
}

/**
 * `NAME=value`, and the name alone of what is taken away; an erased value shows as such, never as
 * an empty one.
 */
function environment(details: ContainerDetails, secrets: ReadonlyMap<string, string>) {
  return details.env.map(({ name, digest }) =>
    digest === '' ? name : `${name}=${secrets.get(digest) ?? '<erased>'}`,
  );
}

/** As it was asked for; whether the host knows it shows at start. */
function appArmorProfile({ hostConfig }: ContainerDetails): string {
  const options = hostConfig['SecurityOpt'];
  const asked = Array.isArray(options) ? options.filter((one) => typeof one === 'string') : [];
  const last = asked.findLast((one) => /^apparmor[=:]/.test(one));
  return last?.slice('apparmor='.length) ?? '';
}

/** Where the image and the container's own changes lie, under the name each version has for it. */
function storage(details: ContainerDetails, version: ApiVersion): Partial<ContainerInspect> {
  const { snapshotter } = details;
  return before(version, '1.52')
    ? { GraphDriver: { Name: snapshotter, Data: null } }
    : { Storage: { RootFS: { Snapshot: { Name: snapshotter } } } };
}

export function inspected(details: ContainerDetails, shape: InspectShape): ContainerInspect {
  const directory = join(shape.dataRoot, 'containers', details.id);
  // dockerd names its files from the first start on.
  const file = (name: string) => (details.run === 0 ? '' : join(directory, name));
  const [path = '', ...args] = details.argv;
  // Nobody else is to read what `local` writes.
  const logged = !['none', 'local'].includes(details.hostConfig.LogConfig.Type);
  return {
    Id: details.id,
    Created: rfc3339(details.createdNs),
    Path: path,
    Args: args,
    State: state(details, shape.health),
    Image: details.imageId,
    ResolvConfPath: file('resolv.conf'),
    HostnamePath: file('hostname'),
    HostsPath: file('hosts'),
    LogPath: logged ? file(`${details.id}-json.log`) : '',
    Name: `/${details.name}`,
    RestartCount: details.restartCount,
    Driver: details.snapshotter,
    Platform: details.platform.split('/')[0] ?? 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: appArmorProfile(details),
    ExecIDs: shape.execIds.length === 0 ? null : shape.execIds,
    HostConfig: { ...details.hostConfig, Links: shape.links },
    ...storage(details, shape.version),
    ...shape.size,
    Mounts: details.mounts.map((point) => shownMount(point, shape.dataRoot)),
    Config: {
      ...config(details, environment(details, shape.secrets)),
      // Below 1.52 it was one of the container.
      ...(shape.macAsked === '' || !before(shape.version, '1.52')
        ? {}
        : { MacAddress: shape.macAsked }),
    },
    NetworkSettings: shape.networkSettings,
    Shiplog: shiplog(details, shape),
  };
}
