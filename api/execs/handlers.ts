/** Making an exec and looking at it. */
import type { ExecConfig } from '../../machines/exec.facts.ts';
import type { ExecView } from '../../projections/views.ts';
import { jsonBody } from '../body.ts';
import { newId } from '../containers/create.ts';
import { containerId } from '../containers/lookup.ts';
import { detachKeys, shownKeys } from '../detachKeys.ts';
import { apiError, refusalError } from '../errors.ts';
import type { ExecCreateRequest, ExecInspect } from '../openapi.gen.ts';
import { type Handler, json } from '../request.ts';
import { secret } from '../secret.ts';
import { type ApiVersion, before } from '../versions.ts';
import { execOf } from './lookup.ts';
import { consoleSize } from './size.ts';

function configOf(asked: ExecCreateRequest, version: ApiVersion): ExecConfig {
  const command = asked.Cmd ?? [];
  if (command.length === 0) throw apiError('no-exec-command', {});
  const size = before(version, '1.42') ? undefined : consoleSize(asked.ConsoleSize);
  return {
    Cmd: command,
    User: asked.User ?? '',
    WorkingDir: asked.WorkingDir ?? '',
    Privileged: asked.Privileged ?? false,
    AttachStdin: asked.AttachStdin ?? false,
    AttachStdout: asked.AttachStdout ?? false,
    AttachStderr: asked.AttachStderr ?? false,
    Tty: asked.Tty ?? false,
    DetachKeys: asked.DetachKeys ?? '',
    ...(size === undefined ? {} : { ConsoleSize: size }),
  };
}

/** `NAME=value` split at the first sign. An entry without it names nothing to set. */
function variables(entries: readonly string[]): readonly (readonly [string, string])[] {
  return entries.flatMap((entry) => {
    const at = entry.indexOf('=');
    if (entry === '' || at === 0) {
      throw apiError('invalid-create', { message: `invalid environment variable: ${entry}` });
    }
    return at < 0 ? [] : [[entry.slice(0, at), entry.slice(at + 1)] as const];
  });
}

export const create: Handler = async ({ ports }, request) => {
  const ref = request.params['id'] ?? '';
  const { value: asked } = await jsonBody('ExecCreateRequest', request);
  const config = configOf(asked, request.version);
  const id = containerId(ports, ref);
  const status = ports.containers.statusOf(id);
  if (status === undefined) throw apiError('no-such-container', { ref });
  // Of one that does not run, that is what is said.
  if (status === 'running') detachKeys(config.DetachKeys, 'exec');
  const execId = newId(ports.ambient);
  const env = variables(asked.Env ?? []).map((each) => secret(ports.ambient, ...each));
  const command = { type: 'exec-create', id, execId, config, env } as const;
  const outcome = await ports.commands.submit(command, request.info);
  if (outcome.kind === 'refused') throw refusalError(outcome.refusal, { command: 'exec', ref });
  ports.processes.expectExec();
  return json({ Id: execId }, 201);
};

function inspected({ id, container: of, config, ...state }: ExecView): ExecInspect {
  const [entrypoint = '', ...args] = config.Cmd;
  const user = config.User === '' ? {} : { user: config.User };
  const { Tty: tty, Privileged: privileged } = config;
  return {
    ID: id,
    Running: state.running,
    // Nobody knows how it ended: what Docker shows for that, never a zero.
    ExitCode: state.over ? (state.exitCode ?? 255) : null,
    ProcessConfig: { tty, entrypoint, arguments: args, privileged, ...user },
    OpenStdin: config.AttachStdin,
    OpenStdout: config.AttachStdout,
    OpenStderr: config.AttachStderr,
    CanRemove: state.over,
    ContainerID: of,
    // dockerd shows the bytes, in its encoding of bytes.
    DetachKeys: shownKeys(config.DetachKeys).toString('base64'),
    Pid: state.pid,
  };
}

export const inspect: Handler = ({ ports }, request) => json(inspected(execOf(ports, request)));
