/** Volumes do not exist yet: the list is empty, and no name is known. */
import { apiError } from '../errors.ts';
import { filters } from '../filters.ts';
import { type Handler, json } from '../request.ts';

export const listVolumes: Handler = (_context, { query }) => {
  filters(query, ['dangling', 'driver', 'label', 'name']);
  return json({ Volumes: [], Warnings: null });
};

export const noSuchVolume: Handler = (_context, { params }) => {
  throw apiError('no-such-volume', { name: params['name'] ?? '' });
};

export const pruneVolumes: Handler = (_context, { query }) => {
  filters(query, ['all', 'label', 'label!']);
  return json({ VolumesDeleted: [], SpaceReclaimed: 0 });
};
