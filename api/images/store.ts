/**
 * The image loader of the facade: what the stager has put aside under a lease becomes an image by
 * a command, so that it is there once its facts are.
 */
import type { Readable } from 'node:stream';
import type { StagedImage } from '../../machines/image.facts.ts';
import type { ImageCommand } from '../../machines/image.family.ts';
import { refusalError } from '../errors.ts';
import type { CommandOutcome, ImageLoader, RequestInfo } from '../ports.ts';

export interface LoaderPorts {
  stage(archive: Readable): Promise<readonly (StagedImage & { readonly lease: string })[]>;
  /** Lets go of what was staged under the lease. */
  discard(lease: string): Promise<void>;
  submit(command: ImageCommand, request: RequestInfo): Promise<CommandOutcome>;
}

export function createImageLoader(ports: LoaderPorts): ImageLoader {
  return {
    async *load(archive, request) {
      const staged = await ports.stage(archive);
      const waiting = new Set(staged.map(({ lease }) => lease));
      try {
        for (const { lease, ...image } of staged) {
          const command: ImageCommand = { type: 'load-image', image, lease };
          const outcome = await ports.submit(command, request);
          if (outcome.kind === 'refused') {
            throw refusalError(outcome.refusal, { command: 'load', ref: image.id });
          }
          waiting.delete(lease);
          for (const reference of image.references) yield { kind: 'loaded', reference };
          if (image.references.length === 0) yield { kind: 'loaded-id', id: image.id };
        }
      } finally {
        for (const lease of waiting) await ports.discard(lease);
      }
    },
  };
}
