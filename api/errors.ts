/**
 * The one place where a failure gets its HTTP status and its text. Two closed vocabularies meet
 * here: `RequestErrors` (what can be wrong with a request) and the machines' `Refusal` kinds. The
 * texts are the ones Docker's clients know and match on; ours where dockerd has none.
 */
import type { ContainerCommandType, Refusal } from '../machines/container.commands.ts';
import { networkRefusals } from './errors.networks.ts';
import {
  badReference,
  conflict,
  invalidName,
  markedForRemoval,
  noVolumeDriver,
  startFailureStatus,
  UPDATE_CONFLICTS,
} from './errorTexts.ts';
import { imageRefusals } from './images/refusals.ts';
import { rfc3339 } from './instant.ts';
import { volumeRefusals } from './volumes/refusals.ts';

/** Status and text of a failed request. Its class tells "said by us" from a bug. */
export class ApiError extends Error {
  readonly kind: string;
  readonly status: number;

  constructor(kind: string, failure: Failure) {
    super(failure.message);
    this.name = 'ApiError';
    this.kind = kind;
    this.status = failure.status;
  }
}

interface Failure {
  readonly status: number;
  readonly message: string;
}

/** What can be wrong with a request, and what the text needs to know. */
export interface RequestErrors {
  readonly 'page-not-found': object;
  readonly 'version-too-new': { readonly asked: string; readonly max: string };
  readonly 'version-too-old': { readonly asked: string; readonly min: string };
  readonly 'bad-content-type': { readonly given: string };
  readonly 'bad-json': { readonly detail: string };
  readonly 'trailing-json': object;
  readonly 'body-too-large': { readonly limit: number };
  readonly 'body-cut-off': object;
  readonly 'start-with-body': object;
  readonly 'bad-parameter': { readonly message: string };
  readonly 'invalid-filter': { readonly key?: string };
  readonly 'invalid-filter-value': {
    readonly key: string;
    readonly value: string;
    readonly reason?: string;
  };
  readonly 'no-such-container': { readonly ref: string; readonly command?: 'kill' };
  readonly 'no-such-exec': { readonly exec: string };
  readonly 'no-exec-command': object;
  readonly 'exec-not-running': { readonly exec: string };
  readonly 'no-such-image': { readonly ref: string };
  readonly 'wrong-platform': { readonly ref: string; readonly asked: string };
  readonly 'bad-image-reference': { readonly ref: string };
  readonly 'empty-reference': object;
  readonly 'bad-tag': object;
  readonly 'tag-with-digest': object;
  readonly 'ambiguous-tag': object;
  readonly 'bad-change': { readonly message: string };
  readonly 'ambiguous-reference': { readonly ref: string };
  readonly 'invalid-name': { readonly name: string; readonly command: 'create' | 'rename' };
  readonly 'empty-new-name': object;
  readonly 'invalid-create': { readonly message: string };
  /** Wrong as well, but dockerd's status is that of its own failures. */
  readonly 'failed-create': { readonly message: string };
  readonly unsupported: { readonly what: string };
  readonly 'unknown-runtime': {
    readonly name: string;
    readonly at: 'create' | 'start' | 'update';
  };
  readonly 'no-restart': { readonly ref: string; readonly message: string };
  readonly 'not-reloaded': { readonly message: string };
  readonly 'runtime-missing': { readonly message: string };
  readonly 'bad-signal': {
    readonly command: ContainerCommandType;
    readonly ref: string;
    readonly given: string;
  };
  readonly 'bad-detach-keys': { readonly keys: string };
  readonly 'attach-paused': { readonly id: string };
  readonly 'is-restarting': { readonly id: string };
  readonly 'container-not-running': { readonly id: string };
  readonly 'no-log-stream': object;
  readonly 'log-of-dead': object;
  readonly 'log-not-readable': object;
  readonly 'load-failed': { readonly message: string };
  readonly 'no-such-file': { readonly path: string; readonly ref: string };
  readonly 'empty-path': object;
  readonly 'copy-refused': { readonly message: string };
  readonly 'not-copied-when-dead': { readonly id: string; readonly doing: 'export' | 'commit' };
  readonly 'not-copied-when-removed': { readonly id: string; readonly doing: 'export' | 'commit' };
  readonly 'not-ready': object;
  readonly 'prune-running': object;
  readonly 'no-such-network': { readonly ref: string };
  readonly 'predefined-name': { readonly name: string };
  readonly 'only-one-network': { readonly driver: string };
  readonly 'no-such-volume': { readonly name: string };
  readonly 'no-volume-driver': { readonly name: string; readonly driver: string };
  /** Of `-v`: dockerd says 500 to it. */
  readonly 'bad-mount': { readonly message: string };
  readonly 'no-such-plugin': { readonly name: string };
  readonly 'not-in-swarm': object;
  readonly 'no-swarm': object;
  readonly 'no-such-config-network': { readonly name: string };
  readonly 'no-such-endpoint': { readonly name: string };
  readonly experimental: object;
  readonly internal: { readonly message: string };
}

export type RequestErrorKind = keyof RequestErrors;

const failure = (status: number, message: string): Failure => ({ status, message });
/** docker says it with 403 of a network. */
export const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" ' +
  'to connect this node to swarm and try again.';

/** Below this version of the API, errors are plain text. */
export const JSON_ERRORS_SINCE = '1.24';

const requestErrors: { readonly [K in RequestErrorKind]: (about: RequestErrors[K]) => Failure } = {
  'page-not-found': () => failure(404, 'page not found'),
  'version-too-new': ({ asked, max }) =>
    failure(400, `client version ${asked} is too new. Maximum supported API version is ${max}`),
  'version-too-old': ({ asked, min }) =>
    failure(
      400,
      `client version ${asked} is too old. Minimum supported API version is ${min}, ` +
        'please upgrade your client to a newer version',
    ),
  'bad-content-type': ({ given }) =>
    failure(400, `unsupported Content-Type header (${given}): must be 'application/json'`),
  'bad-json': ({ detail }) => failure(400, `invalid JSON: ${detail}`),
  'trailing-json': () => failure(400, 'unexpected content after JSON'),
  'body-too-large': ({ limit }) =>
    failure(413, `request body is larger than the limit of ${limit} bytes`),
  'body-cut-off': () => failure(400, 'request body ended before its end'),
  'start-with-body': () =>
    failure(
      400,
      'starting container with non-empty request body was deprecated since API v1.22 ' +
        'and removed in v1.24',
    ),
  'bad-parameter': ({ message }) => failure(400, message),
  'invalid-filter': ({ key }) =>
    failure(400, key === undefined ? 'invalid filter' : `invalid filter '${key}'`),
  'invalid-filter-value': ({ key, value, reason }) =>
    failure(400, `invalid filter '${key}=${value}'${reason === undefined ? '' : `: ${reason}`}`),
  'no-such-container': ({ ref, command }) => noSuchContainer(ref, command),
  'no-such-exec': ({ exec }) => noSuchExec(exec),
  'exec-not-running': ({ exec }) => failure(409, `exec command ${exec} is not running`),
  'no-exec-command': () => failure(400, 'No exec command specified'),
  'no-such-image': ({ ref }) => failure(404, `No such image: ${ref}`),
  'wrong-platform': ({ ref, asked }) =>
    failure(
      404,
      `image with reference ${ref} was found but does not provide the specified platform ` +
        `(${asked})`,
    ),
  'bad-image-reference': ({ ref }) => failure(400, badReference(ref)),
  'empty-reference': () => failure(400, 'invalid name or ID supplied: ""'),
  'bad-tag': () => failure(400, 'invalid tag format'),
  'tag-with-digest': () => failure(400, 'refusing to create a tag with a digest reference'),
  'ambiguous-tag': () =>
    failure(400, 'refusing to create an ambiguous tag using digest algorithm as name'),
  'bad-change': ({ message }) => failure(400, message),
  'ambiguous-reference': ({ ref }) =>
    failure(400, `multiple IDs found with provided prefix: ${ref}`),
  'invalid-name': ({ name, command }) => failure(400, invalidName(name, command)),
  'empty-new-name': () => failure(400, 'Neither old nor new names may be empty'),
  'invalid-create': ({ message }) => failure(400, message),
  'failed-create': ({ message }) => failure(500, message),
  unsupported: ({ what }) => failure(501, `shiplog does not support ${what} yet`),
  'unknown-runtime': ({ name, at }) =>
    failure(at === 'start' ? 500 : 400, `unknown or invalid runtime name: ${name}`),
  'no-restart': ({ ref, message }) => wrapped('restart', ref, message, 500),
  'not-reloaded': ({ message }) => failure(400, message),
  'runtime-missing': ({ message }) => failure(400, message),
  'bad-signal': ({ command, ref, given }) =>
    wrapped(
      command,
      ref,
      /^[+-]?0*[1-9]\d*$/.test(given)
        ? `the linux daemon does not support signal ${Number(given)}`
        : `invalid signal: ${given}`,
      400,
    ),
  'bad-detach-keys': ({ keys }) => failure(400, `Invalid detach keys (${keys}) provided`),
  'attach-paused': ({ id }) =>
    failure(409, `container ${id} is paused, unpause the container before attach`),
  'is-restarting': ({ id }) =>
    failure(409, `container ${id} is restarting, wait until the container is running`),
  'container-not-running': ({ id }) => failure(409, `container ${id} is not running`),
  'no-log-stream': () => failure(400, "must specify at least one of 'stdout' or 'stderr'"),
  'log-of-dead': () =>
    failure(409, 'can not get logs from container which is dead or marked for removal'),
  'log-not-readable': () => failure(501, 'configured logging driver does not support reading'),
  'load-failed': ({ message }) => failure(400, message),
  'no-such-file': ({ path, ref }) =>
    failure(404, `Could not find the file ${path} in container ${ref}`),
  'empty-path': () => failure(400, 'bad parameter: path cannot be empty'),
  'copy-refused': ({ message }) => failure(403, message),
  'not-copied-when-dead': ({ id, doing }) =>
    failure(409, `You cannot ${doing} container ${id} which is Dead`),
  'not-copied-when-removed': ({ id, doing }) =>
    failure(409, `You cannot ${doing} container ${id} which is being removed`),
  'not-ready': () =>
    failure(503, 'shiplog has not compared its log with containerd yet, try again later'),
  'prune-running': () => failure(409, 'a prune operation is already running'),
  'no-such-network': ({ ref }) => failure(404, `network ${ref} not found`),
  'predefined-name': ({ name }) =>
    failure(403, `operation is not permitted on predefined ${name} network`),
  'only-one-network': ({ driver }) =>
    failure(403, `only one instance of "${driver}" network is allowed`),
  'no-such-volume': ({ name }) => failure(404, `get ${name}: no such volume`),
  'no-volume-driver': ({ name, driver }) => failure(404, noVolumeDriver(name, driver)),
  'bad-mount': ({ message }) => failure(500, message),
  'no-such-plugin': ({ name }) => failure(404, `plugin "${name}" not found`),
  'not-in-swarm': () => failure(503, 'This node is not part of a swarm'),
  'no-swarm': () => failure(503, NO_SWARM),
  'no-such-endpoint': ({ name }) => failure(404, `endpoint ${name} not found`),
  'no-such-config-network': ({ name }) =>
    failure(404, `configuration network "${name}" does not exist`),
  experimental: () =>
    failure(
      501,
      'This experimental feature is disabled by default. Start the Docker daemon in experimental ' +
        'mode in order to enable it.',
    ),
  internal: ({ message }) => failure(500, message),
};

const noSuchExec = (exec: string): Failure => failure(404, `No such exec instance: ${exec}`);

/** Of all commands kill alone says what it was about to do. */
function noSuchContainer(ref: string, command: Asked['command'] | undefined): Failure {
  const text = `No such container: ${ref}`;
  return failure(404, command === 'kill' ? `cannot kill container: ${ref}: ${text}` : text);
}

export function apiError<K extends RequestErrorKind>(kind: K, about: RequestErrors[K]): ApiError {
  return new ApiError(kind, requestErrors[kind](about));
}

/** What was asked when a refusal came back: some texts name it. */
export interface Asked {
  readonly command:
    | ContainerCommandType
    | 'load'
    | 'exec'
    | 'image'
    | 'network'
    | 'volume'
    | 'reconcile';
  /** The container as the caller named it. */
  readonly ref: string;
}

/** Kinds that dockerd does not know keep their status where it would say 500 to everything. */
const OURS: readonly Refusal['kind'][] = ['runtime-away', 'busy', 'actor-stopped'];

/** dockerd loses the kind of every error of stop and restart: they are 500 with a prefix. */
function wrapped(command: Asked['command'], ref: string, text: string, status: number): Failure {
  if (command === 'restart') return failure(500, `Cannot restart container ${ref}: ${text}`);
  if (command === 'stop') return failure(500, `cannot stop container: ${ref}: ${text}`);
  if (command === 'kill') return failure(status, `cannot kill container: ${ref}: ${text}`);
  return failure(status, text);
}

const cannotRemove = (ref: string, text: string): string =>
  `cannot remove container "${ref}": ${text}`;

type RefusalTable = {
  readonly [K in Refusal['kind']]: (
    refusal: Extract<Refusal, { kind: K }>,
    asked: Asked,
  ) => Failure;
};

const refusals: RefusalTable = {
  'no-such-container': ({ ref }, { command }) => noSuchContainer(ref, command),
  'name-in-use': ({ name, holder }, { command }) =>
    failure(
      409,
      command === 'rename'
        ? `Error when allocating new name: ${conflict(name, holder)}`
        : conflict(name, holder),
    ),
  'not-running': ({ id }) => failure(409, `container ${id} is not running`),
  paused: ({ id }, { command, ref }) =>
    failure(
      409,
      command === 'start'
        ? 'cannot start a paused container, try unpause instead'
        : `container ${command === 'exec' ? ref : id} is paused, unpause the container before ` +
            command,
    ),
  'already-paused': ({ id }) => failure(409, `container ${id} is already paused`),
  'not-paused': ({ id }) => failure(500, `Container ${id} is not paused`),
  'marked-for-removal': ({ id }, { command }) => markedForRemoval(id, command),
  'removal-in-progress': (_refusal, { ref }) =>
    failure(409, `removal of container ${ref} is already in progress`),
  restarting: ({ id }) =>
    failure(409, `container ${id} is restarting, wait until the container is running`),
  'update-conflict': ({ id, conflict }) =>
    failure(409, `Cannot update container ${id}: ${UPDATE_CONFLICTS[conflict]}`),
  'update-failed': ({ id, message }) => failure(500, `Cannot update container ${id}: ${message}`),
  'running-needs-force': (_refusal, { ref }) =>
    failure(
      409,
      cannotRemove(ref, 'container is running: stop the container before removing or force remove'),
    ),
  'paused-needs-force': (_refusal, { ref }) =>
    failure(409, cannotRemove(ref, 'container is paused and must be unpaused first')),
  'same-name': () => failure(400, 'Renaming a container with the same name as its current name'),
  'id-known': ({ id }) =>
    failure(409, `the log has had a container of the id ${id}: ids are never used twice`),
  adopted: ({ id, command }) =>
    failure(
      409,
      `container ${id} was adopted: how it was started is not known, so ${command} can not be ` +
        'done; it can be inspected, paused, stopped and removed',
    ),
  'adopt-failed': ({ message }) => failure(409, message),
  'create-failed': ({ message }) => failure(500, message),
  // 126 and 127 are the caller's mistakes: not executable, not found.
  'start-failed': ({ message, exitCode }) =>
    failure(startFailureStatus(message, exitCode), message),
  'signal-failed': ({ message }) => failure(500, message),
  'stop-failed': ({ message }) => failure(500, message),
  'pause-failed': ({ id, message }) => failure(500, `cannot pause container ${id}: ${message}`),
  'unpause-failed': ({ id, message }) => failure(500, `cannot unpause container ${id}: ${message}`),
  'remove-failed': ({ message }, { ref }) => failure(500, cannotRemove(ref, message)),
  'no-such-exec': ({ exec }) => noSuchExec(exec),
  'exec-running': ({ exec }) => failure(409, `exec command ${exec} is already running`),
  'exec-ran': ({ exec }) => failure(409, `exec command ${exec} has already run`),
  'exec-start-failed': ({ message }) => failure(400, message),
  'image-load-failed': ({ message }) => failure(500, message),
  'no-such-image': ({ ref }) => failure(404, `No such image: ${ref}`),
  ...imageRefusals,
  'image-change-failed': ({ message }) => failure(500, message),
  ...volumeRefusals,
  ...networkRefusals,
  busy: ({ id, waitingFor }) =>
    failure(409, `container ${id} is busy, it is waiting for: ${waitingFor}`),
  deadline: ({ command }) =>
    failure(500, `${command} was accepted but its end was not seen in time; it goes on`),
  'runtime-away': ({ sinceNs }) =>
    failure(
      503,
      `containerd is away since ${rfc3339(BigInt(sinceNs))}: try again when it is back; stop and ` +
        'forced removal are taken now and carried out then',
    ),
  'actor-stopped': ({ stream, reason }) =>
    failure(
      409,
      `${stream} was stopped by a bug (${reason}): it can be inspected and removed by force`,
    ),
  'log-failed': ({ message }) => failure(500, `the log could not be written: ${message}`),
};

/** Looks the kind up with its own type; the table's type forces an entry for every kind. */
function bare<K extends Refusal['kind']>(
  kind: K,
  refusal: Extract<Refusal, { kind: K }>,
  asked: Asked,
): Failure {
  const entry: RefusalTable[K] = refusals[kind];
  return entry(refusal, asked);
}

/** The HTTP face of a refusal. */
export function refusalError(refusal: Refusal, asked: Asked): ApiError {
  const { status, message } = bare(refusal.kind, refusal, asked);
  if (refusal.kind === 'no-such-container') return new ApiError(refusal.kind, { status, message });
  const face = wrapped(asked.command, asked.ref, message, status);
  const kept = OURS.includes(refusal.kind) ? { ...face, status } : face;
  return new ApiError(refusal.kind, kept);
}

/** Any thrown value as an error with a status; what was not said on purpose is 500. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return apiError('internal', { message });
}
