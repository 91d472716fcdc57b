/** `DELETE /images/{name}`, and what a removal has removed: its answer is read from the log. */
import type { ImageCommand } from '../../machines/image.commands.ts';
import { familiar } from '../../machines/reference.ts';
import { ApiError, refusalError } from '../errors.ts';
import type { ImageDeleted } from '../openapi.gen.ts';
import { flag } from '../parameters.ts';
import type { ApiPorts, LoggedFact, RequestInfo } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { namedImage } from './lookup.ts';

type Removal = Extract<ImageCommand, { type: 'remove-image' }>;

/** What was removed, or why it was refused. */
export async function removeImage(
  ports: ApiPorts,
  command: Removal,
  info: RequestInfo,
): Promise<readonly ImageDeleted[] | ApiError> {
  const before = ports.log.head();
  const outcome = await ports.imageStore.submit(command, info);
  if (outcome.kind === 'refused') {
    return refusalError(outcome.refusal, { command: 'image', ref: command.given });
  }
  return toDeleted(command.id, factsSince(ports, before, info));
}

/** The facts that this request has led to, of all streams. */
function factsSince(ports: ApiPorts, position: number, info: RequestInfo): LoggedFact[] {
  const found: LoggedFact[] = [];
  for (let at = position; ; ) {
    const facts = ports.log.read(at);
    found.push(...facts.filter(({ cause }) => cause?.request === info.id));
    const last = facts.at(-1);
    if (last === undefined) return found;
    at = last.position;
  }
}

function toDeleted(id: string, facts: readonly LoggedFact[]): ImageDeleted[] {
  return facts
    .filter(({ stream }) => stream === `image/${id}`)
    .flatMap(({ type, data }): ImageDeleted[] => {
      if (type === 'image.untagged') return [{ Untagged: familiar(String(data['reference'])) }];
      return type === 'image.remove-requested' ? [{ Deleted: id }] : [];
    });
}

export const remove: Handler = async ({ ports }, request) => {
  const given = request.params['name'] ?? '';
  const { image, references } = namedImage(ports, given);
  const force = flag(request.query, 'force');
  const command = { type: 'remove-image', id: image.id, references, given, force } as const;
  const removed = await removeImage(ports, command, request.info);
  if (removed instanceof ApiError) throw removed;
  return json(removed);
};
