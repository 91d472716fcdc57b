/** What `docker import` makes: a configuration written here over one layer that came as it is. */
import type { JsonObject } from '../../machines/words.ts';
import type { ArchiveImage } from './archive.ts';
import { readLayer } from './archiveLayers.ts';
import type { Platform } from './archiveLayout.ts';
import { sha256 } from './chainId.ts';
import { parseImageConfig } from './imageConfig.ts';
import type { SpooledFile } from './spool.ts';

export interface ImportedTar {
  readonly platform: Platform & { readonly variant: string };
  /** The image's `config`. */
  readonly config: JsonObject;
  readonly message: string;
  /** RFC 3339. */
  readonly created: string;
  /** Normalised; null: the image gets no name. */
  readonly reference: string | null;
}

/** @throws LoadError */
export async function importedImage(
  file: SpooledFile,
  asked: ImportedTar,
  signal: AbortSignal | undefined,
): Promise<ArchiveImage> {
  const layer = await readLayer(file, 'of the import', signal);
  const { created, message: comment, platform } = asked;
  const configBytes = Buffer.from(
    JSON.stringify({
      created,
      architecture: platform.architecture,
      os: platform.os,
      ...(platform.variant === '' ? {} : { variant: platform.variant }),
      comment,
      config: asked.config,
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
      history: [{ created, comment }],
    }),
  );
  return {
    id: sha256(configBytes),
    configBytes,
    config: parseImageConfig(configBytes),
    references: asked.reference === null ? [] : [asked.reference],
    layers: [layer],
    manifest: null,
  };
}
