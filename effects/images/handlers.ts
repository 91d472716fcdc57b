/** The rows of the registry that are about images. */
import type { Registry } from '../handler.ts';
import { makePublishHandler, type PublishOptions } from './publish.ts';
import { type KeepRoots, makeRemoveHandler } from './remove.ts';
import { makeTagHandler, makeUntagHandler } from './tag.ts';

export type ImageHandlers = Pick<Registry, `image.${string}` & keyof Registry>;

export function imageHandlers(options: PublishOptions, keepRoots: KeepRoots): ImageHandlers {
  return {
    'image.publish': makePublishHandler(options),
    'image.tag': makeTagHandler(options.client),
    'image.untag': makeUntagHandler(options.client),
    'image.remove': makeRemoveHandler(options.client, keepRoots),
  };
}
