/** Sizes of layers over several images: what they share counts once. */
import type { ImageView } from '../../projections/views.ts';

/** Unpacked bytes by layer; a layer is known by all that lies below it, too. */
export function layersOf(image: ImageView): ReadonlyMap<string, number> {
  const sizes = image.layerSizes ?? [];
  // Rows of before the sizes were kept: all that is known is the sum.
  if (sizes.length === 0) return new Map([[image.diffIds.join(' '), image.size]]);
  return new Map(
    sizes.map((size, index) => [image.diffIds.slice(0, index + 1).join(' '), size] as const),
  );
}

const sum = (sizes: Iterable<number>): number => [...sizes].reduce((all, one) => all + one, 0);

/** Bytes that the images take together. */
export function sizeOfAll(images: readonly ImageView[]): number {
  return sum(new Map(images.flatMap((image) => [...layersOf(image)])).values());
}

/** By image id: the bytes of those layers that another of the images has, too. */
export function sharedSizes(images: readonly ImageView[]): ReadonlyMap<string, number> {
  const users = new Map<string, number>();
  for (const image of images) {
    for (const layer of layersOf(image).keys()) users.set(layer, (users.get(layer) ?? 0) + 1);
  }
  return new Map(
    images.map((image) => {
      const shared = [...layersOf(image)].filter(([layer]) => (users.get(layer) ?? 0) > 1);
      return [image.id, sum(shared.map(([, size]) => size))];
    }),
  );
}
