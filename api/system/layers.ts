/** What images take together and what each shares with others: a layer lies on the disk once. */
import type { ImageView } from '../../projections/views.ts';
import type { LayerSize, Sizes } from '../ports.ts';

export interface Layers {
  /** Bytes of all layers, each counted once. */
  readonly total: number;
  /** Bytes that other images use, too, by the image's id. */
  shared(image: string): number;
}

export async function layersOf(sizes: Sizes, images: readonly ImageView[]): Promise<Layers> {
  const found = await Promise.all(
    images.map(async ({ id, diffIds }) => [id, await sizes.layers(diffIds)] as const),
  );
  const users = new Map<string, number>();
  const bytes = new Map<string, number>();
  for (const [, layers] of found)
    for (const { id, size } of layers) {
      users.set(id, (users.get(id) ?? 0) + 1);
      bytes.set(id, size ?? 0);
    }
  const byImage = new Map<string, readonly LayerSize[]>(found);
  return {
    total: [...bytes.values()].reduce((all, one) => all + one, 0),
    shared: (image) =>
      (byImage.get(image) ?? [])
        .filter(({ id }) => (users.get(id) ?? 0) > 1)
        .reduce((all, { size }) => all + (size ?? 0), 0),
  };
}
