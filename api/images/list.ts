/** `GET /images/json`: which images, by filters. */
import { familiar, parseReference } from '../../machines/reference.ts';
import type { ImageView } from '../../projections/views.ts';
import { type Filters, filters, truth, until } from '../filters.ts';
import { flag } from '../parameters.ts';
import type { ApiPorts } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { textMap } from './config.ts';
import { sharedSizes } from './layers.ts';
import { image } from './lookup.ts';
import { createdNs, createdSeconds, listedImage, manifestsOf } from './wire.ts';

const KEYS = 'dangling label label! reference before since until'.split(' ');

/** A pattern of a shell: `*` and `?` stay within one part of the path. */
function glob(pattern: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\]|\*|\?/g, (sign) =>
    sign === '*' ? '[^/]*' : sign === '?' ? '[^/]' : `\\${sign}`,
  );
  return new RegExp(`^${source}$`);
}

/** A reference fits with its tag or without, in its short form or its long one. */
function fitsReference(tag: string, patterns: readonly RegExp[]): boolean {
  const reference = parseReference(tag);
  const long = reference === undefined ? tag : `${reference.domain}/${reference.path}`;
  const forms = [tag, long, familiar(tag), familiar(tag).replace(/:[^/:]*$/, '')];
  return patterns.some((pattern) => forms.some((form) => pattern.test(form)));
}

/** Of each image only the references that were asked for; without one it is left out. */
function withReferences(images: readonly ImageView[], given: Filters): readonly ImageView[] {
  if (!given.has('reference')) return images;
  const patterns = given.get('reference').map(glob);
  return images
    .map((one) => ({ ...one, tags: one.tags.filter((tag) => fitsReference(tag, patterns)) }))
    .filter(({ tags }) => tags.length > 0);
}

function tester(given: Filters, ports: ApiPorts): (found: ImageView) => boolean {
  const dangling = truth(given, 'dangling');
  const older = given.get('before').map((ref) => createdSeconds(image(ports, ref)));
  const newer = given.get('since').map((ref) => createdSeconds(image(ports, ref)));
  const end = until(given, ports.ambient.nowNs());
  return (found) =>
    (dangling === undefined || dangling === (found.tags.length === 0)) &&
    given.labels('label', textMap(found.config['Labels'])) &&
    given.withoutLabels('label!', textMap(found.config['Labels'])) &&
    (end === undefined || createdNs(found) < end) &&
    older.every((seconds) => createdSeconds(found) < seconds) &&
    newer.every((seconds) => createdSeconds(found) > seconds);
}

export const listImages: Handler = ({ ports }, request) => {
  const given = filters(request.query, KEYS);
  const fits = tester(given, ports);
  const users = new Map<string, string[]>();
  for (const { id, imageId } of ports.containers.list())
    users.set(imageId, [...(users.get(imageId) ?? []), id]);
  const all = ports.images.list();
  const shared = flag(request.query, 'shared-size') ? sharedSizes(all) : undefined;
  const found = withReferences(all.filter(fits), given).toSorted(
    (left, right) => createdSeconds(right) - createdSeconds(left),
  );
  return json(
    found.map((one) => {
      const containers = users.get(one.id) ?? [];
      return {
        ...listedImage(one, containers.length, request.version, shared?.get(one.id)),
        ...manifestsOf(one, containers, request, '1.47'),
      };
    }),
  );
};
