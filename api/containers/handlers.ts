/**
 * The commands on containers: parse, find, submit. Each is a few lines; the deciding is elsewhere.
 */
import type { ContainerCommandType } from '../../machines/container.commands.ts';
import { SIGKILL, SIGTERM, signalNumber } from '../../machines/signals.ts';
import type { ContainerDetails } from '../../projections/views.ts';
import { jsonBody, refuseBody } from '../body.ts';
import { type ApiError, apiError } from '../errors.ts';
import { checkPlatform, image } from '../images/lookup.ts';
import { attachmentsAsked } from '../networks/endpoints.ts';
import { flag, uint32, wholeNumber } from '../parameters.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, type ApiRequest, empty, type Handler, json } from '../request.ts';
import { before } from '../versions.ts';
import { type CreateContext, createCommand, validateCreate } from './create.ts';
import { donorNames, withDonors } from './donors.ts';
import { checkLinks } from './links.ts';
import { container, containerId } from './lookup.ts';
import { candidateNames, checkedName } from './names.ts';
import { runtimeNamed, runtimeOfStart } from './runtime.ts';
import { checkCgroupParent, checkSecurity } from './security.ts';
import { submit, submitted } from './submit.ts';
import { submitNamed } from './submitNamed.ts';
import { created } from './wire.ts';

const ref = (request: ApiRequest): string => request.params['id'] ?? '';

export function createContext(ports: ApiPorts, request: ApiRequest): CreateContext {
  const info = ports.daemon.info();
  return {
    ambient: ports.ambient,
    hostName: info.name,
    version: request.version,
    limits: { limits: info.limits, processors: info.host.cpus },
    defaultRuntime: info.defaultRuntime,
    cgroupVersion: info.cgroup.version,
    namesOf: (mode) => donorNames(ports, mode),
    snapshotter: info.snapshotter,
    attachments: (asked, mode) => attachmentsAsked(ports, asked, mode, request.version),
    ...info.defaults,
    checkRuntime: (name) => void runtimeNamed(ports, name, 'create'),
  };
}

export const create: Handler = async (context, request) => {
  const { ports } = context;
  const called = request.query.get('name') ?? '';
  const name = called === '' ? undefined : checkedName(called, 'create');
  const { value: given, keys } = await jsonBody('ContainerCreateRequest', request);
  if (keys.every((key) => key === 'HostConfig' || key === 'NetworkingConfig'))
    throw apiError('invalid-create', {
      message: 'config cannot be empty in order to create a container',
    });
  validateCreate(given, request.version);
  checkSecurity(given, ports.daemon.info().capabilities);
  checkCgroupParent(given, ports.daemon.info().cgroup.driver);
  const asked = withDonors(ports, given);
  checkLinks(ports, asked);
  const reference = asked.Image ?? '';
  if (reference === '') throw apiError('invalid-create', { message: 'no image specified' });
  const found = image(ports, reference);
  const platform = before(request.version, '1.41') ? '' : (request.query.get('platform') ?? '');
  checkPlatform(found, reference, platform);
  const command = createCommand(asked, found, createContext(ports, request));
  const names = () => (name === undefined ? candidateNames(ports.ambient, command.id) : [name]);
  await submitNamed(ports, request, asked, command, names);
  return json(created(command.id, command.warnings), 201);
};

export const start: Handler = async (context, request) => {
  refuseBody(request.headers);
  const details = container(context.ports, ref(request));
  const runtime = runtimeOfStart(context.ports, details.hostConfig.Runtime);
  return await submitted(
    context,
    request,
    { type: 'start', id: details.id, runtime },
    ref(request),
  );
};

/** A signal by name or number. @throws ApiError */
function signal(given: string, command: ContainerCommandType, request: ApiRequest): number {
  const number = signalNumber(given);
  if (number === undefined) throw apiError('bad-signal', { command, ref: ref(request), given });
  return number;
}

/** How to stop: as the request says, else the container, else SIGTERM and the daemon's time. */
function stopOptions(
  { ports }: ApiContext,
  details: ContainerDetails,
  request: ApiRequest,
  command: 'stop' | 'restart',
): { readonly signal: number; readonly timeoutMs: number | null } {
  const asked = before(request.version, '1.42') ? '' : (request.query.get('signal') ?? '');
  const named = asked || (details.config.StopSignal ?? '');
  const seconds =
    wholeNumber(request.query, 't', (value) => `invalid timeout "${value}": not a whole number`) ??
    details.config.StopTimeout ??
    ports.daemon.info().defaults.stopTimeout;
  return {
    signal: named === '' ? SIGTERM : signal(named, command, request),
    timeoutMs: seconds < 0 ? null : seconds * 1000,
  };
}

export const stop: Handler = async (context, request) => {
  const details = container(context.ports, ref(request));
  const options = stopOptions(context, details, request, 'stop');
  return await submitted(
    context,
    request,
    { type: 'stop', id: details.id, ...options },
    ref(request),
  );
};

export const restart: Handler = async (context, request) => {
  const details = container(context.ports, ref(request));
  const options = stopOptions(context, details, request, 'restart');
  // What runs is not stopped for a start that can not be.
  const runtime = runtimeOfStart(context.ports, details.hostConfig.Runtime);
  if ('unusable' in runtime) {
    const { message } = runtime.unusable;
    throw apiError('no-restart', { ref: ref(request), message });
  }
  const command = { type: 'restart', id: details.id, runtime, ...options } as const;
  return await submitted(context, request, command, ref(request));
};

export const kill: Handler = async (context, request) => {
  const asked = request.query.get('signal') ?? '';
  const number = asked === '' ? SIGKILL : signal(asked, 'kill', request);
  const id = containerId(context.ports, ref(request), 'kill');
  return await submitted(context, request, { type: 'kill', id, signal: number }, ref(request));
};

export const pause: Handler = async (context, request) => {
  const id = containerId(context.ports, ref(request));
  return await submitted(context, request, { type: 'pause', id }, ref(request));
};

export const unpause: Handler = async (context, request) => {
  const id = containerId(context.ports, ref(request));
  return await submitted(context, request, { type: 'unpause', id }, ref(request));
};

/** Why `parent/alias`, a link, is not taken away; what is no link keeps its name while it is. */
function notUnlinked(ports: ApiPorts, name: string): ApiError {
  const [, parent = '', alias] = /^\/?([^/]*)(\/.*)?$/.exec(name) ?? [];
  if (alias !== undefined && ports.containers.resolve(parent).kind === 'found')
    return apiError('unsupported', { what: 'removing one link of a container' });
  containerId(ports, name);
  const message = 'Conflict, cannot remove the default link name of the container';
  return apiError('failed-create', { message });
}

export const remove: Handler = async (context, request) => {
  if (flag(request.query, 'link')) throw notUnlinked(context.ports, ref(request));
  const id = containerId(context.ports, ref(request));
  const force = flag(request.query, 'force');
  const volumes = flag(request.query, 'v');
  await submit(context, request, { type: 'remove', id, force, volumes }, ref(request));
  if (volumes) await context.ports.volumes.sweep();
  return empty(204);
};

export const rename: Handler = async (context, request) => {
  const given = request.query.get('name') ?? '';
  if (given.replace(/^\//, '') === '') throw apiError('empty-new-name', {});
  const id = containerId(context.ports, ref(request));
  const name = checkedName(given, 'rename');
  return await submitted(context, request, { type: 'rename', id, name }, ref(request));
};

export const resize: Handler = async (context, request) => {
  const height = uint32(request.query, 'h', 'resize height');
  const width = uint32(request.query, 'w', 'resize width');
  const details = container(context.ports, ref(request));
  const { id, status } = details;
  if (status !== 'running' && status !== 'paused') throw apiError('container-not-running', { id });
  if (details.config.Tty) await context.ports.streams.resize(id, height, width);
  const attributes = { height: String(height), width: String(width) };
  context.ports.tell({ subject: `container/${id}`, action: 'resize', attributes });
  return empty(200);
};
