/** Sizes of containers, measured when a request asks for them and not otherwise. */
import type { ContainerSummary } from '../../projections/views.ts';
import type { ApiPorts } from '../ports.ts';

/** Bytes; -1: could not be measured, as dockerd says it. */
export interface ContainerSize {
  /** What the container wrote. */
  readonly SizeRw: number;
  /** That and its image. */
  readonly SizeRootFs: number;
}

type Sized = Pick<ContainerSummary, 'id' | 'imageId'>;

export type ContainerSizes = ReadonlyMap<string, ContainerSize>;

const UNKNOWN: ContainerSize = { SizeRw: -1, SizeRootFs: -1 };

export async function containerSizes(
  { sizes, images }: Pick<ApiPorts, 'sizes' | 'images'>,
  containers: readonly Sized[],
): Promise<ContainerSizes> {
  const written = await sizes.written(containers.map(({ id }) => id));
  return new Map(
    containers.map(({ id, imageId }) => {
      const image = images.byId(imageId);
      const below = image === undefined || image === 'ambiguous' ? 0 : image.size;
      const rw = written.get(id);
      return [id, rw === undefined ? UNKNOWN : { SizeRw: rw, SizeRootFs: rw + below }];
    }),
  );
}

/** The members of a list's item: dockerd leaves a zero out. */
export function listedSize(size: ContainerSize | undefined): Partial<ContainerSize> {
  if (size === undefined) return {};
  const { SizeRw, SizeRootFs } = size;
  return {
    ...(SizeRw === 0 ? {} : { SizeRw }),
    ...(SizeRootFs === 0 ? {} : { SizeRootFs }),
  };
}
