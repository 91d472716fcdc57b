/** Which events a subscriber wants. Unknown keys are ignored here, as dockerd does. */
import { familiar } from '../../machines/reference.ts';
import type { Filters } from '../filters.ts';
import type { DockerEvent } from '../options.ts';

/** Keys that compare with the id or the name of what the event is about, whatever its type. */
const OBJECT_KEYS = 'container network volume plugin daemon node service secret config'.split(' ');

/**
 * If asked for, all values of `event` match as prefixes: these actions carry more behind a colon.
 */
const PREFIXED = ['exec_create', 'exec_start', 'health_status'];

function fitsAction({ action }: DockerEvent, given: Filters): boolean {
  const prefixed = given.get('event').some((value) => PREFIXED.includes(value));
  return given.any('event', (value) => (prefixed ? action.startsWith(value) : action === value));
}

const withoutTag = (name: string): string => name.replace(/:[^/:]*$/, '');

function fitsImage({ type, id, attributes }: DockerEvent, given: Filters): boolean {
  const name = attributes[type === 'image' ? 'name' : 'image'] ?? '';
  const short = familiar(name);
  const forms = [id, name, withoutTag(name), short, withoutTag(short)];
  return given.any('image', (value) => forms.includes(value));
}

export function fits(event: DockerEvent, given: Filters): boolean {
  const name = event.attributes['name'] ?? '';
  return (
    given.any('type', (value) => event.type === value) &&
    given.any('scope', (value) => value === 'local') &&
    fitsAction(event, given) &&
    OBJECT_KEYS.every((key) =>
      given.any(key, (value) => event.id.startsWith(value) || name.startsWith(value)),
    ) &&
    fitsImage(event, given) &&
    given.labels('label', event.attributes)
  );
}
