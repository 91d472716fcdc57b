/**
 * What `docker commit` makes: the image of a container with one layer more, which holds what the
 * container has changed, and a configuration written here. A container that has changed nothing
 * gives no layer, only a step in the history.
 */
import type { Descriptor } from '../../machines/image.facts.ts';
import type { JsonObject } from '../../machines/words.ts';
import type { Containerd } from '../containerd/client.ts';
import type { ArchiveImage } from './archive.ts';
import { readLayer } from './archiveLayers.ts';
import { partsOf } from './archiveLayout.ts';
import { sha256 } from './chainId.ts';
import { isObject, parseImageConfig, parseJson } from './imageConfig.ts';
import type { SpooledFile } from './spool.ts';

export interface CommitWishes {
  /** Manifest of the container's image. */
  readonly parent: Descriptor;
  /** The container. */
  readonly container: string;
  /** What the container runs, for people to read. */
  readonly createdBy: string;
  /** The image's `config`. */
  readonly config: JsonObject;
  readonly author: string;
  readonly comment: string;
  /** RFC 3339. */
  readonly created: string;
  /** Normalised; null: the image gets no name. */
  readonly reference: string | null;
}

export interface Committed {
  readonly image: ArchiveImage;
  /** The parent's layers, which lie in containerd already. */
  readonly base: readonly Descriptor[];
}

const manifestMax = 8 * 1024 * 1024;

/** @param layer null: nothing has changed. @throws LoadError, ContainerdError */
export async function committedImage(
  client: Containerd,
  layer: SpooledFile | null,
  wishes: CommitWishes,
  signal: AbortSignal,
): Promise<Committed> {
  const read = async (digest: string): Promise<JsonObject> => {
    const bytes = await client.content.readAll(digest, { signal, limit: manifestMax });
    const value = parseJson(bytes, digest);
    return isObject(value) ? value : {};
  };
  const { digest } = wishes.parent;
  const parts = partsOf(await read(digest), digest);
  const parent = await read(parts.config.digest);
  const added = layer === null ? [] : [await readLayer(layer, 'of the commit', signal)];
  const diffIds = added.map(({ diffId }) => diffId);
  const configBytes = Buffer.from(JSON.stringify(configOf(parent, diffIds, wishes)));
  return {
    base: parts.layers,
    image: {
      id: sha256(configBytes),
      configBytes,
      config: parseImageConfig(configBytes),
      references: wishes.reference === null ? [] : [wishes.reference],
      layers: added,
      manifest: null,
    },
  };
}

function configOf(parent: JsonObject, added: readonly string[], wishes: CommitWishes): JsonObject {
  const { created, author, comment, container, createdBy, config } = wishes;
  const { rootfs, history, container_config: _, ...kept } = parent;
  const below = isObject(rootfs) && Array.isArray(rootfs['diff_ids']) ? rootfs['diff_ids'] : [];
  const step = {
    created,
    created_by: createdBy,
    ...(author === '' ? {} : { author }),
    ...(comment === '' ? {} : { comment }),
    ...(added.length === 0 ? { empty_layer: true } : {}),
  };
  return {
    ...kept,
    created,
    author,
    comment,
    container,
    config,
    rootfs: { type: 'layers', diff_ids: [...below, ...added] },
    history: [...(Array.isArray(history) ? history : []), step],
  };
}
