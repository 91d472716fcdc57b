/** A Docker event as a line of JSON. Clients below 1.52 get the old keys beside the new ones. */
import { familiar } from '../../machines/reference.ts';
import type { EventMessage } from '../openapi.gen.ts';
import type { DockerEvent } from '../options.ts';
import { unixSeconds } from '../time.ts';
import { type ApiVersion, before } from '../versions.ts';

function legacy({ type, action, id, attributes }: DockerEvent): Partial<EventMessage> {
  if (type === 'image') return { status: action, id };
  if (type !== 'container') return {};
  return { status: action, id, from: attributes['image'] ?? '' };
}

/** The one event that names a reference; people know its short form. */
function attributes({ type, action, attributes: all }: DockerEvent): DockerEvent['attributes'] {
  if (type !== 'image' || action !== 'tag') return all;
  return { ...all, name: familiar(all['name'] ?? '') };
}

/** Nanoseconds do not fit a double: `timeNano` is written behind the rest, digit by digit. */
export function eventLine(event: DockerEvent, version: ApiVersion): string {
  const message: Omit<EventMessage, 'timeNano'> = {
    ...(before(version, '1.52') ? legacy(event) : {}),
    Type: event.type,
    Action: event.action,
    Actor: { ID: event.id, Attributes: attributes(event) },
    scope: 'local',
    time: unixSeconds(event.timeNs),
  };
  return `${JSON.stringify(message).slice(0, -1)},"timeNano":${event.timeNs}}\n`;
}
