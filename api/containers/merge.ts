/**
 * What a container takes over from its image. The container's own values win: by key for maps and
 * environment, field by field for the health check, whole for everything else.
 */
import type { ContainerConfig } from '../../machines/container.config.ts';
import type { JsonObject } from '../../machines/words.ts';
import { object, text, textMap, texts } from '../images/config.ts';
import type { ContainerConfigRequest } from '../openapi.gen.ts';
import type { ApiVersion } from '../versions.ts';
import { mergeHealthcheck } from './health.ts';

export interface Merged {
  readonly config: ContainerConfig;
  /** Names and values, null: taken away; later entries of the same name have won already. */
  readonly env: ReadonlyMap<string, string | null>;
}

/**
 * The container's own first, as dockerd lists them. An entry without `=` takes the variable away,
 * whoever set it.
 */
function environment(
  image: readonly string[],
  own: readonly string[],
): ReadonlyMap<string, string | null> {
  const values = new Map<string, string | null>();
  for (const entry of own) {
    const at = entry.indexOf('=');
    if (at < 0) values.set(entry, null);
    else values.set(entry.slice(0, at), entry.slice(at + 1));
  }
  const named = new Set(own.map((entry) => entry.split('=')[0] ?? ''));
  for (const entry of image) {
    const [name = '', ...value] = entry.split('=');
    if (!named.has(name) && entry.includes('=')) values.set(name, value.join('='));
  }
  return values;
}

function command(asked: ContainerConfigRequest, image: JsonObject) {
  const own = { Cmd: asked.Cmd ?? [], Entrypoint: asked.Entrypoint ?? [] };
  const from = { Cmd: texts(image['Cmd']), Entrypoint: texts(image['Entrypoint']) };
  // An entrypoint of the container's own, `[""]` included, stands for the image's whole command.
  const entrypoint = own.Entrypoint.length > 0 ? own.Entrypoint : from.Entrypoint;
  const inherits = own.Entrypoint.length === 0 && own.Cmd.length === 0;
  const cmd = inherits ? from.Cmd : own.Cmd;
  const cleared = entrypoint.length === 1 && entrypoint[0] === '';
  return {
    Cmd: cmd.length > 0 ? cmd : null,
    Entrypoint: cleared || entrypoint.length === 0 ? null : entrypoint,
  };
}

/** Optional fields that are only there when they say something. */
function optional(
  asked: ContainerConfigRequest,
  image: JsonObject,
  version: ApiVersion,
): Partial<ContainerConfig> {
  const stopSignal = asked.StopSignal || text(image['StopSignal']);
  const ports = { ...object(image['ExposedPorts']), ...(asked.ExposedPorts ?? {}) };
  const volumes = { ...object(image['Volumes']), ...(asked.Volumes ?? {}) };
  const healthcheck = mergeHealthcheck(asked.Healthcheck, image, version);
  const shell = asked.Shell ?? texts(image['Shell']);
  const stopTimeout = asked.StopTimeout ?? undefined;
  return {
    ...(stopSignal === '' ? {} : { StopSignal: stopSignal }),
    ...(stopTimeout === undefined ? {} : { StopTimeout: stopTimeout }),
    ...(Object.keys(ports).length === 0 ? {} : { ExposedPorts: ports }),
    ...(Object.keys(volumes).length === 0 ? {} : { Volumes: volumes }),
    ...(healthcheck === undefined ? {} : { Healthcheck: healthcheck }),
    ...(shell.length === 0 ? {} : { Shell: shell }),
  };
}

/**
 * @param image the `config` object of the image.
 * @param hostname for a container that asks for none.
 */
export function mergeConfig(
  asked: ContainerConfigRequest,
  image: JsonObject,
  hostname: string,
  version: ApiVersion,
): Merged {
  const config: ContainerConfig = {
    Hostname: asked.Hostname || hostname,
    Domainname: asked.Domainname ?? '',
    User: asked.User || text(image['User']),
    AttachStdin: asked.AttachStdin ?? false,
    AttachStdout: asked.AttachStdout ?? false,
    AttachStderr: asked.AttachStderr ?? false,
    Tty: asked.Tty ?? false,
    OpenStdin: asked.OpenStdin ?? false,
    StdinOnce: asked.StdinOnce ?? false,
    ...command(asked, image),
    Image: asked.Image ?? '',
    WorkingDir: asked.WorkingDir || text(image['WorkingDir']),
    Labels: { ...textMap(image['Labels']), ...(asked.Labels ?? {}) },
    ...optional(asked, image, version),
  };
  return { config, env: environment(texts(image['Env']), asked.Env ?? []) };
}
