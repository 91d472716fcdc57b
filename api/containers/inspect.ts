/** `GET /containers/{id}/json`. */
import { waitingOf } from '../../machines/container.waiting.ts';
import { macAsked, networkSettings } from '../networks/settings.ts';
import { flag } from '../parameters.ts';
import { type Handler, json } from '../request.ts';
import { healthLog, healthSummary } from './health.ts';
import { shownLinks } from './links.ts';
import { container } from './lookup.ts';
import { containerSizes } from './sizes.ts';
import { inspected } from './wire.ts';

export const inspect: Handler = async ({ ports }, request) => {
  const details = container(ports, request.params['id'] ?? '');
  const asked = flag(request.query, 'size');
  const sizes = asked ? await containerSizes(ports, [details]) : undefined;
  return json(
    inspected(details, {
      version: request.version,
      links: shownLinks(ports, details),
      macAsked: macAsked(ports, details),
      networkSettings: networkSettings(ports, details, request.version),
      size: sizes?.get(details.id),
      dataRoot: ports.daemon.info().dataRoot,
      health: { ...healthSummary(details, ports.side), Log: healthLog(details, ports.side) },
      waiting: waitingOf(details.phase, ports.native.openRowsOf(details)),
      runtime: ports.native.runtimeOf(details.id),
      custom: ports.native.custom(details.id),
      execIds: ports.execs.idsOf(details.id),
      secrets: ports.secrets.reveal(details.env.map(({ digest }) => digest)),
    }),
  );
};
