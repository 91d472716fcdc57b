/**
 * `GET /images/{name}/get` and `GET /images/get?names=`: an archive of images. A reference saves
 * the image under it; a repository without a tag saves all of its tags; an id no name at all.
 */
import { familiar, parseReference } from '../../machines/reference.ts';
import type { ImageView } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import type { ApiPorts, SavedImage } from '../ports.ts';
import type { Handler, Reply } from '../request.ts';
import { findImage, namedImage } from './lookup.ts';

interface Asked {
  readonly image: ImageView;
  readonly references: readonly string[];
}

function named(ports: ApiPorts, name: string): readonly Asked[] {
  const asked = parseReference(name);
  const repository = asked !== undefined && asked.tag === undefined && asked.digest === undefined;
  if (!repository) return [one(ports, name)];
  const all = ports.images.list().flatMap((image): Asked[] => {
    const references = image.tags.filter((tag) => {
      const found = parseReference(tag);
      return found?.domain === asked.domain && found.path === asked.path;
    });
    return references.length === 0 ? [] : [{ image, references }];
  });
  if (all.length > 0) return all;
  // Neither a name nor the beginning of an id: of a name without a tag none is made up here.
  if (findImage(ports, name) === undefined) throw apiError('no-such-image', { ref: name });
  return [one(ports, name)];
}

function one(ports: ApiPorts, name: string): Asked {
  const { image, references } = namedImage(ports, name);
  return { image, references: references ?? [] };
}

/** Each image once, with all the names that were asked for. */
function merged(images: readonly Asked[]): readonly SavedImage[] {
  const byId = new Map<string, Asked>();
  for (const { image, references } of images) {
    const before = byId.get(image.id)?.references ?? [];
    byId.set(image.id, { image, references: [...new Set([...before, ...references])] });
  }
  return [...byId.values()].map(({ image, references }) => ({
    image,
    names: references.map((full) => {
      return { full, short: familiar(full), tag: parseReference(full)?.tag ?? '' };
    }),
  }));
}

/** A missing blob must be an error, not an archive that ends early: one chunk is awaited. */
async function archive(chunks: AsyncIterable<Buffer>): Promise<Reply> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* all(): AsyncGenerator<Buffer> {
    try {
      for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  const headers = { 'Content-Type': 'application/x-tar' };
  return { kind: 'stream', status: 200, headers, chunks: all() };
}

export const save: Handler = ({ ports }, request) => {
  const name = request.params['name'];
  const names = name === undefined ? request.query.getAll('names') : [name];
  const asked = names.flatMap((each) => each.split(',')).filter((each) => each !== '');
  if (asked.length === 0) throw apiError('bad-parameter', { message: 'no image to save is named' });
  const images = merged(asked.flatMap((each) => named(ports, each)));
  return archive(ports.imageStore.save(images, request.info, request.signal));
};
