/**
 * `GET /containers/{id}/stats`: what a container uses, once or about every second. Clients compute
 * percentages from two samples, so a single answer takes two, unless `one-shot` asks for one.
 */
import { apiError } from '../errors.ts';
import { flag } from '../parameters.ts';
import type { ApiContext, ApiRequest, Handler } from '../request.ts';
import { json } from '../request.ts';
import type { Usage } from '../usage.ts';
import { before } from '../versions.ts';
import { container } from './lookup.ts';
import { statsOf } from './statsWire.ts';

const INTERVAL_MS = 1_000;

async function sample({ ports }: ApiContext, id: string): Promise<Usage | undefined> {
  const details = ports.containers.get(id);
  const lives = details?.status === 'running' || details?.status === 'paused';
  return details !== undefined && lives ? await ports.processes.usage(details) : undefined;
}

/** The name is looked up each time: it may change while a client looks on. */
function rendered(
  { ports }: ApiContext,
  id: string,
  usage: Usage | undefined,
  previous: Usage | undefined,
) {
  const { host } = ports.daemon.info();
  const name = ports.containers.get(id)?.name ?? '';
  return statsOf({ id, name, memory: host.memory, cpus: host.cpus }, usage, previous);
}

async function once(context: ApiContext, request: ApiRequest, id: string, oneShot: boolean) {
  const first = await sample(context, id);
  if (oneShot || first === undefined) return rendered(context, id, first, undefined);
  await context.sleep(INTERVAL_MS, request.signal);
  return rendered(context, id, await sample(context, id), first);
}

/** Until the container is removed or the client has gone. Each wait begins after its sample. */
async function* repeated(context: ApiContext, request: ApiRequest, id: string) {
  let previous: Usage | undefined;
  while (!request.signal.aborted) {
    if (context.ports.containers.get(id)?.removed !== false) return;
    const usage = await sample(context, id);
    yield `${JSON.stringify(rendered(context, id, usage, previous))}\n`;
    previous = usage;
    await context.sleep(INTERVAL_MS, request.signal);
  }
}

export const stats: Handler = async (context, request) => {
  const { id } = container(context.ports, request.params['id'] ?? '');
  const oneShot = !before(request.version, '1.41') && flag(request.query, 'one-shot');
  if (flag(request.query, 'stream', true)) {
    if (oneShot) {
      const message = 'cannot have stream=true and one-shot=true';
      throw apiError('bad-parameter', { message });
    }
    const headers = { 'Content-Type': 'application/json' };
    return { kind: 'stream', status: 200, headers, chunks: repeated(context, request, id) };
  }
  return json(await once(context, request, id, oneShot));
};
