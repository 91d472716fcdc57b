/** `GET /shiplog/v1/containers`: which containers there are, or were at a position or instant. */
import type { ContainerSummary } from '../../projections/views.ts';
import type { NativeContainers, NativeSummary } from '../openapi.gen.ts';
import { type Handler, json } from '../request.ts';
import { rfc3339Fixed } from '../time.ts';
import { positionOf } from './at.ts';

const instant = (ns: bigint | null): string | null => (ns === null ? null : rfc3339Fixed(ns));

function summary(one: ContainerSummary): NativeSummary {
  const { id, name, image, argv, phase, status, labels, run, pid, health } = one;
  return {
    id,
    name,
    image,
    command: argv,
    state: phase,
    status,
    createdAt: rfc3339Fixed(one.createdNs),
    startedAt: instant(one.startedNs),
    finishedAt: instant(one.finishedNs),
    exitCode: one.exitCode,
    exitKnown: one.exitKnown,
    run,
    pid,
    labels,
    health: health?.status ?? null,
  };
}

export const containers: Handler = async ({ ports }, { query, signal }) => {
  const asked = positionOf(ports, query);
  const position = asked ?? ports.log.head();
  const list =
    asked === null ? ports.containers.list() : await ports.native.containersAt(asked, signal);
  const body: NativeContainers = { position, containers: list.map(summary) };
  return json(body);
};
