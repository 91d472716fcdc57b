/** From what a caller writes (reference, id, prefix of an id) to the image. */
import { familiar, normalise, parseReference } from '../../machines/reference.ts';
import type { ImageView } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';

/** The name as an error shows it: with its tag, without what every name has. */
function shown(ref: string): string {
  const full = normalise(ref);
  return full === undefined ? ref : familiar(full);
}

/** An image as it was asked for. */
export interface NamedImage {
  readonly image: ImageView;
  /** Its references that the caller meant; null: it was asked for by its id. */
  readonly references: readonly string[] | null;
}

const HEX = /^(?:sha256:)?[0-9a-f]{1,64}$/;

/** `name@digest`: of what the name stands for; a tag beside it is not looked at. */
function byDigest(ports: ApiPorts, ref: string): NamedImage | undefined {
  const asked = parseReference(ref);
  if (asked?.digest === undefined) return undefined;
  for (const image of ports.images.list()) {
    if (image.target.digest !== asked.digest) continue;
    const references = image.tags.filter((tag) => {
      const found = parseReference(tag);
      return found?.domain === asked.domain && found.path === asked.path;
    });
    if (references.length > 0) return { image, references };
  }
  return undefined;
}

function byName(ports: ApiPorts, ref: string): NamedImage | undefined {
  if (ref.startsWith('sha256:')) return undefined;
  const full = normalise(ref);
  if (full === undefined) return undefined;
  if (full.includes('@')) return byDigest(ports, full);
  const image = ports.images.byReference(full);
  return image === undefined ? undefined : { image, references: [full] };
}

function find(ports: ApiPorts, ref: string): NamedImage | undefined {
  const named = byName(ports, ref);
  if (named !== undefined || !HEX.test(ref)) return named;
  const found = ports.images.byId(ref);
  if (found === 'ambiguous') throw apiError('ambiguous-reference', { ref });
  return found === undefined ? undefined : { image: found, references: null };
}

/**
 * The image, or undefined. A name wins over a prefix of an id. @throws ApiError if it fits several.
 */
export const findImage = (ports: ApiPorts, ref: string): ImageView | undefined =>
  find(ports, ref)?.image;

/** @throws ApiError: unknown 404, no reference at all 400. */
export function namedImage(ports: ApiPorts, ref: string): NamedImage {
  if (!HEX.test(ref) && normalise(ref) === undefined)
    throw apiError('bad-image-reference', { ref });
  const found = find(ports, ref);
  if (found === undefined) throw apiError('no-such-image', { ref: shown(ref) });
  return found;
}

/** @throws ApiError: unknown 404, no reference at all 400. */
export const image = (ports: ApiPorts, ref: string): ImageView => namedImage(ports, ref).image;

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

export function platformOf(found: Pick<ImageView, 'os' | 'architecture' | 'variant'>): string {
  const { os, architecture, variant } = found;
  return [os, architecture, variant].filter((part) => part !== '').join('/');
}
