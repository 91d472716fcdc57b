/** `POST /images/{name}/tag`, and the reference that `repo` and `tag` make. */
import { normalise, parseReference } from '../../machines/reference.ts';
import { apiError, refusalError } from '../errors.ts';
import { empty, type Handler } from '../request.ts';
import { image } from './lookup.ts';

const TAG = /^\w[\w.-]{0,127}$/;

/** Normalised, with a tag; one given apart replaces the one in `repo`. @throws ApiError 400 */
export function newReference(repo: string, tag: string): string {
  const parsed = parseReference(repo);
  if (parsed === undefined) throw apiError('bad-image-reference', { ref: repo });
  if (tag !== '' && !TAG.test(tag)) throw apiError('bad-tag', {});
  if (parsed.digest !== undefined && tag === '') throw apiError('tag-with-digest', {});
  const { domain, path } = parsed;
  if (path === 'library/sha256') throw apiError('ambiguous-tag', {});
  const full = normalise(`${domain}/${path}:${tag === '' ? (parsed.tag ?? 'latest') : tag}`);
  if (full === undefined) throw apiError('bad-image-reference', { ref: repo });
  return full;
}

export const tag: Handler = async ({ ports }, request) => {
  const name = request.params['name'] ?? '';
  const { query, info } = request;
  const reference = newReference(query.get('repo') ?? '', query.get('tag') ?? '');
  const { id } = image(ports, name);
  const outcome = await ports.imageStore.submit({ type: 'tag-image', id, reference }, info);
  if (outcome.kind === 'refused')
    throw refusalError(outcome.refusal, { command: 'image', ref: name });
  return empty(201);
};
