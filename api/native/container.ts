/** `GET /shiplog/v1/containers/{id}`: one container's life, also when it is over. */
import { waitingOf } from '../../machines/container.waiting.ts';
import type { ContainerDetails } from '../../projections/views.ts';
import type { NativeContainer } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { rfc3339Fixed } from '../time.ts';
import { historyOf } from './history.ts';
import { found } from './lookup.ts';
import { waitingJson } from './wire.ts';

/** Facts that are read: a container that was restarted for years has no end of them. */
const NEWEST = 500;

function body(ports: ApiPorts, details: ContainerDetails): NativeContainer {
  const { id, name, image, argv, createdNs } = details;
  const facts = ports.native.facts(`container/${id}`, NEWEST + 1);
  const shortened = facts.length > NEWEST;
  const waits = waitingOf(details.phase, ports.native.openRowsOf(details));
  return {
    id,
    name,
    image,
    command: argv,
    state: details.phase,
    createdAt: rfc3339Fixed(createdNs),
    adopted: ports.native.adopted(id),
    waitsFor: waits === null ? null : waitingJson(waits),
    ...historyOf(shortened ? facts.slice(1) : facts),
    shortened,
  };
}

export const container: Handler = ({ ports }, request) =>
  json(body(ports, found(ports, request.params['id'] ?? '')));
