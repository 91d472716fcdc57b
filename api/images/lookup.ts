/** From what a caller writes (reference, id, prefix of an id) to the image. */
import { familiar, normalise } from '../../machines/reference.ts';
import type { ImageView } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';

/** The name as an error shows it: with its tag, without what every name has. */
function shown(ref: string): string {
  const full = normalise(ref);
  return full === undefined ? ref : familiar(full);
}

const HEX = /^(?:sha256:)?[0-9a-f]{1,64}$/;

/**
 * The image, or undefined. A name wins over a prefix of an id. @throws ApiError if it fits several.
 */
export function findImage(ports: ApiPorts, ref: string): ImageView | undefined {
  const full = ref.startsWith('sha256:') ? undefined : normalise(ref);
  const named = full === undefined ? undefined : ports.images.byReference(full);
  if (named !== undefined || !HEX.test(ref)) return named;
  const found = ports.images.byId(ref);
  if (found === 'ambiguous') throw apiError('ambiguous-reference', { ref });
  return found;
}

/** @throws ApiError: unknown 404, no reference at all 400. */
export function image(ports: ApiPorts, ref: string): ImageView {
  if (!HEX.test(ref) && normalise(ref) === undefined)
    throw apiError('bad-image-reference', { ref });
  const found = findImage(ports, ref);
  if (found === undefined) throw apiError('no-such-image', { ref: shown(ref) });
  return found;
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
};

/** `linux/amd64`, as in Go's names, of what `/info` and clients call `x86_64`. */
export const goArchitecture = (name: string): string => ARCHITECTURES[name] ?? name;

/**
 * Checks the platform that create asks for against the image's: `os[/architecture[/variant]]`,
 * where a part left out fits all. @throws ApiError 404, as if there were no such image.
 */
export function checkPlatform(found: ImageView, ref: string, asked: string): void {
  if (asked === '') return;
  const [os, architecture, variant] = asked.toLowerCase().split('/');
  const fits =
    os === found.os &&
    (architecture === undefined || goArchitecture(architecture) === found.architecture) &&
    (variant === undefined || found.variant === '' || variant === found.variant);
  if (!fits) throw apiError('wrong-platform', { ref: shown(ref), asked });
}

export function platformOf(found: ImageView): string {
  const { os, architecture, variant } = found;
  return [os, architecture, variant].filter((part) => part !== '').join('/');
}
