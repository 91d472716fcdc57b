/** Hands a command over and turns its outcome into a status or an error. */
import type { ContainerCommand } from '../../machines/container.commands.ts';
import { refusalError } from '../errors.ts';
import { type ApiContext, type ApiRequest, empty, type Reply } from '../request.ts';

/** @param ref the container as the caller named it. @throws ApiError for a refusal. */
export async function submit(
  { ports }: ApiContext,
  request: ApiRequest,
  command: ContainerCommand,
  ref: string,
): Promise<'done' | 'nothing'> {
  const outcome = await ports.commands.submit(command, request.info);
  if (outcome.kind === 'refused')
    throw refusalError(outcome.refusal, { command: command.type, ref });
  return outcome.kind;
}

/** 204, or 304 where dockerd says that it is so already. */
export async function submitted(
  context: ApiContext,
  request: ApiRequest,
  command: ContainerCommand,
  ref: string,
): Promise<Reply> {
  const kind = await submit(context, request, command, ref);
  const tells = command.type === 'start' || command.type === 'stop';
  return empty(kind === 'nothing' && tells ? 304 : 204);
}
