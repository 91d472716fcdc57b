/**
 * What is claimed of images. A reference belongs to one image. An image belongs to all containers
 * made of it, by shares, from create to the end of removal; the removal of an image that nobody
 * uses takes the whole and keeps it until the image is loaded again: so a create and a removal
 * that meet in one turn of the loop can not both win.
 */
import { type Claim, type ContainerId, type StreamName, shareOf } from './words.ts';

/** @param id `sha256:<hex>` */
export const imageStream = (id: string): StreamName => `image/${id}`;

export const imageOfStream = (stream: StreamName): string => stream.slice('image/'.length);

/** @param reference normalised, with its tag */
export const referenceClaim = (reference: string): Claim => ({ kind: 'reference', key: reference });

export const imageClaim = (id: string): Claim => ({ kind: 'image', key: id });

export const imageShare = (id: string, container: ContainerId): Claim =>
  shareOf(imageClaim(id), container);

/** None for a container whose root is no image's. */
export const imageShares = ({ id }: { id: string }, container: ContainerId): readonly Claim[] =>
  id === '' ? [] : [imageShare(id, container)];
