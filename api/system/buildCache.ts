/**
 * `POST /build/prune`: nothing is built here, so there is no cache and it is pruned at once.
 * `docker system prune` asks for it after all else.
 */
import { apiError } from '../errors.ts';
import { filters, until } from '../filters.ts';
import { wholeNumber } from '../parameters.ts';
import { type ApiRequest, type Handler, json } from '../request.ts';

const KEYS = [
  ...['until', 'unused-for', 'label', 'label!'],
  ...['id', 'parent', 'type', 'description', 'inuse', 'shared', 'private'],
];
const SIZES = ['keep-storage', 'reserved-space', 'max-used-space', 'min-free-space'];

/** @throws ApiError 400 for what could not choose among caches, if there were some */
function check({ query }: ApiRequest, nowNs: bigint): void {
  const given = filters(query);
  for (const name of SIZES) {
    const parsing = (value: string) => `strconv.Atoi: parsing ${JSON.stringify(value)}`;
    const wrong = (value: string) =>
      `${name} is in bytes and expects an integer, got ${value}: ${parsing(value)}: invalid syntax`;
    wholeNumber(query, name, wrong);
  }
  const unknown = given.keys().find((key) => !KEYS.includes(key));
  const message = `failed to prune build cache: invalid filter '${unknown}'`;
  if (unknown !== undefined) throw apiError('bad-parameter', { message });
  until(given, nowNs);
}

export const pruneBuildCache: Handler = async ({ ports }, request) => {
  check(request, ports.ambient.nowNs());
  await ports.pruned('builder', 0, request.info);
  return json({ CachesDeleted: null, SpaceReclaimed: 0 });
};
