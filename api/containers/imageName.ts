/**
 * The image of a container as a list shows it: by the name that create was given, as long as that
 * name still stands for it, and by its id once another image has the name, or none.
 */
import { normalise } from '../../machines/reference.ts';
import type { ContainerSummary } from '../../projections/views.ts';
import type { ApiPorts } from '../ports.ts';

/** @returns the same container with the image to be shown; asks once for each name. */
export function withImageNames({
  images,
}: Pick<ApiPorts, 'images'>): (item: ContainerSummary) => ContainerSummary {
  const holders = new Map<string, string | undefined>();
  function holder(name: string): string | undefined {
    if (holders.has(name)) return holders.get(name);
    const reference = name.startsWith('sha256:') ? undefined : normalise(name);
    const id = reference === undefined ? undefined : images.byReference(reference)?.id;
    holders.set(name, id);
    return id;
  }
  return (item) => {
    // Who was made by an id, or the beginning of one, keeps it.
    if (item.imageId.replace('sha256:', '').startsWith(item.image.replace('sha256:', '')))
      return item;
    return holder(item.image) === item.imageId ? item : { ...item, image: item.imageId };
  };
}
