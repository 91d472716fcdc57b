/** `GET /shiplog/v1/containers/{id}`: one container's life, also when it is over, and as it was. */
import { waitingOf } from '../../machines/container.waiting.ts';
import { apiError } from '../errors.ts';
import type { NativeContainer } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { rfc3339Fixed } from '../time.ts';
import { positionOf } from './at.ts';
import { historyOf } from './history.ts';
import { found } from './lookup.ts';
import type { PastContainer } from './ports.ts';
import { waitingJson } from './wire.ts';

/** Facts that are read: a container that was restarted for years has no end of them. */
const NEWEST = 500;

function present(ports: ApiPorts, ref: string): PastContainer {
  const details = found(ports, ref);
  return {
    details,
    facts: ports.native.facts(`container/${details.id}`, NEWEST + 1),
    rows: ports.native.openRowsOf(details),
    adopted: ports.native.adopted(details.id),
  };
}

async function past(ports: ApiPorts, position: number, ref: string, signal: AbortSignal) {
  if (ref === '') throw apiError('empty-reference', {});
  const resolution = await ports.native.containerAt(position, ref, signal);
  if (resolution.kind === 'found') return resolution.found;
  if (resolution.kind === 'ambiguous') throw apiError('ambiguous-reference', { ref });
  throw apiError('no-such-container', { ref });
}

function body({ details, facts, rows, adopted }: PastContainer): NativeContainer {
  const { id, name, image, argv, createdNs, phase } = details;
  const shortened = facts.length > NEWEST;
  const waits = waitingOf(phase, rows);
  return {
    id,
    name,
    image,
    command: argv,
    state: phase,
    createdAt: rfc3339Fixed(createdNs),
    adopted,
    waitsFor: waits === null ? null : waitingJson(waits),
    ...historyOf(shortened ? facts.slice(-NEWEST) : facts),
    shortened,
  };
}

export const container: Handler = async ({ ports }, { params, query, signal }) => {
  const ref = params['id'] ?? '';
  const position = positionOf(ports, query);
  return json(
    body(position === null ? present(ports, ref) : await past(ports, position, ref, signal)),
  );
};
