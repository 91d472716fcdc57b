/**
 * A container by an OCI spec: what the Engine's words say of it, and what of the request such a
 * spec does not leave to them. Pure.
 */
import { posix } from 'node:path';
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import { apiError } from '../errors.ts';
import type { ContainerCreateRequest } from '../openapi.gen.ts';

const invalid = (message: string) => apiError('invalid-create', { message });

/** Members of the request that are about what a spec does not know; others it says itself. */
const BESIDE = {
  options: [
    ...['AttachStdin', 'AttachStdout', 'AttachStderr', 'OpenStdin', 'StdinOnce', 'Labels'],
    ...['StopSignal', 'StopTimeout', 'Healthcheck', 'ExposedPorts', 'HostConfig'],
    'NetworkingConfig',
  ],
  'options.HostConfig': [
    ...['AutoRemove', 'CgroupParent', 'LogConfig', 'NetworkMode', 'PortBindings'],
    ...['PublishAllPorts', 'RestartPolicy', 'Runtime'],
  ],
} as const;

export interface SpecParts {
  /** The request that says of the container what the spec says. */
  readonly asked: ContainerCreateRequest;
  /** Without the environment, which `asked` has. */
  readonly spec: JsonObject;
  /** As the spec names it; undefined: it does not. */
  readonly root: string | undefined;
}

const object = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
const list = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? value : [];
const texts = (value: JsonValue | undefined): readonly string[] =>
  list(value).filter((one) => typeof one === 'string');
const number = (value: JsonValue | undefined): number => (typeof value === 'number' ? value : 0);

/** @throws ApiError 400 */
export function ofSpec(given: JsonObject, options: ContainerCreateRequest): SpecParts {
  refuseSaidTwice(options);
  checkSpec(given);
  const process = object(given['process']);
  const { env, ...rest } = process;
  const user = object(process['user']);
  const root = object(given['root']);
  const host = options.HostConfig ?? {};
  const annotations = object(given['annotations']) as Readonly<Record<string, string>>;
  return {
    asked: {
      ...options,
      Cmd: texts(process['args']),
      Env: texts(env),
      User: `${number(user['uid'])}:${number(user['gid'])}`,
      WorkingDir: text(process['cwd']),
      Tty: process['terminal'] === true,
      Hostname: text(given['hostname']),
      HostConfig: {
        ...host,
        NetworkMode: networkMode(given, host.NetworkMode ?? ''),
        ReadonlyRootfs: root['readonly'] === true,
        Annotations: annotations,
      },
    },
    spec: { ...given, process: rest },
    root: text(root['path']) === '' ? undefined : text(root['path']),
  };
}

function refuseSaidTwice(options: ContainerCreateRequest): void {
  const refuse = (place: keyof typeof BESIDE, members: object): void => {
    const known: readonly string[] = BESIDE[place];
    const other = Object.keys(members).find((member) => !known.includes(member));
    if (other !== undefined) throw invalid(`${place}.${other} can not stand beside a spec`);
  };
  refuse('options', options);
  refuse('options.HostConfig', options.HostConfig ?? {});
}

function checkSpec(spec: JsonObject): void {
  const process = object(spec['process']);
  if (text(spec['ociVersion']) === '') throw invalid('spec.ociVersion must be given');
  if (texts(process['args']).length === 0) throw invalid('spec.process.args must name a program');
  if (!text(process['cwd']).startsWith('/'))
    throw invalid('spec.process.cwd must be an absolute path');
  // They would be programs of the host's, run as root.
  if (spec['hooks'] !== undefined) throw invalid('spec.hooks are not run');
  for (const system of ['windows', 'solaris', 'vm', 'zos'])
    if (spec[system] !== undefined) throw invalid(`spec.${system} is of another system`);
  for (const one of list(spec['mounts'])) {
    const { source, type, options } = object(one);
    const binds = text(type) === 'bind' || texts(options).some((word) => /^r?bind$/.test(word));
    if (binds && !posix.isAbsolute(text(source)))
      throw invalid(`spec.mounts: the source "${text(source)}" must be an absolute path`);
  }
}

/** Without a namespace of its own it is in the host's network. */
function networkMode(spec: JsonObject, asked: string): string {
  const namespaces = list(object(spec['linux'])['namespaces']).map(object);
  const own = namespaces.find(({ type }) => type === 'network');
  if (own !== undefined && text(own['path']) === '') return asked === '' ? 'none' : asked;
  const only = own === undefined ? 'host' : 'none';
  if (asked !== '' && asked !== only)
    throw invalid(`options.HostConfig.NetworkMode can not be ${asked}: the spec says otherwise`);
  return only;
}
