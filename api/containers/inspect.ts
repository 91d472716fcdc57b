/**
 * `GET /containers/{id}/json`. Clients ask again and again while nothing happens. A view of a
 * container is another one as soon as it may have changed (projections/memo.ts), so the text that
 * was told of it holds for as long as there is the view and the log has not grown (what it shows of
 * networks and execs is not in the view), if nothing in it is from beside the log.
 */
import { waitingOf } from '../../machines/container.waiting.ts';
import type { ContainerDetails } from '../../projections/views.ts';
import { macAsked, networkSettings } from '../networks/settings.ts';
import { flag } from '../parameters.ts';
import type { ApiPorts } from '../ports.ts';
import { jsonText } from '../reply.ts';
import { type Handler, json, jsonOf } from '../request.ts';
import type { ApiVersion } from '../versions.ts';
import { healthLog, healthSummary } from './health.ts';
import { shownLinks } from './links.ts';
import { container } from './lookup.ts';
import { type ContainerSize, containerSizes } from './sizes.ts';
import { inspected } from './wire.ts';

interface Told {
  readonly head: number;
  readonly texts: Map<ApiVersion, string>;
}

const told = new WeakMap<ContainerDetails, Told>();

export const inspect: Handler = async ({ ports }, request) => {
  const details = container(ports, request.params['id'] ?? '');
  const { version } = request;
  if (flag(request.query, 'size')) {
    const sizes = await containerSizes(ports, [details]);
    return json(answer(ports, details, version, sizes.get(details.id)));
  }
  const head = ports.log.head();
  const before = told.get(details);
  const texts = before?.head === head ? before.texts : new Map<ApiVersion, string>();
  const same = texts.get(version);
  if (same !== undefined) return jsonOf(same);
  const text = jsonText(answer(ports, details, version, undefined));
  if (isOfTheLog(ports, details)) told.set(details, { head, texts: texts.set(version, text) });
  return jsonOf(text);
};

/** Results of probes and tries in vain are told beside the log. */
const isOfTheLog = (ports: ApiPorts, details: ContainerDetails): boolean =>
  details.health === null && waitingFor(ports, details) === null;

const waitingFor = (ports: ApiPorts, details: ContainerDetails) =>
  waitingOf(details.phase, ports.native.openRowsOf(details));

const answer = (
  ports: ApiPorts,
  details: ContainerDetails,
  version: ApiVersion,
  size: ContainerSize | undefined,
) =>
  inspected(details, {
    version,
    links: shownLinks(ports, details),
    macAsked: macAsked(ports, details),
    networkSettings: networkSettings(ports, details, version),
    size,
    dataRoot: ports.daemon.info().dataRoot,
    health: { ...healthSummary(details, ports.side), Log: healthLog(details, ports.side) },
    waiting: waitingFor(ports, details),
    runtime: ports.native.runtimeOf(details.id),
    custom: ports.native.custom(details.id),
    execIds: ports.execs.idsOf(details.id),
    secrets: ports.secrets.reveal(details.env.map(({ digest }) => digest)),
  });
