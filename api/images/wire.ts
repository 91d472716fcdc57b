/** Images as Engine API JSON, typed by api/openapi.yaml. What a version hides is left out here. */
import { familiar } from '../../machines/reference.ts';
import type { JsonObject } from '../../machines/words.ts';
import type { ImageView } from '../../projections/views.ts';
import type { ImageInspect, ImageSummary } from '../openapi.gen.ts';
import { rfc3339, ZERO_TIME } from '../time.ts';
import { type ApiVersion, before, since } from '../versions.ts';
import { object, texts } from './config.ts';

const tagsOf = (image: ImageView): string[] => image.tags.map(familiar);

/** Name of each tag with the digest of what it stands for. */
function digestsOf(image: ImageView): string[] {
  const names = image.tags.map((tag) => familiar(tag).replace(/:[^/:]*$/, ''));
  return [...new Set(names)].map((name) => `${name}@${image.target.digest}`);
}

/** Old clients want a placeholder where an image has no name. */
const named = (names: readonly string[], nothing: string, version: ApiVersion) =>
  names.length === 0 && before(version, '1.43') ? [nothing] : names;

/** Seconds since 1970 of the image's making; 0 if it does not say. */
export function createdSeconds({ created }: ImageView): number {
  const ms = Date.parse(created);
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

/** @param users number of containers made from the image; only newer versions ask for it. */
export function listedImage(image: ImageView, users: number, version: ApiVersion): ImageSummary {
  const labels = object(image.config['Labels']);
  return {
    Id: image.id,
    ParentId: '',
    RepoTags: named(tagsOf(image), '<none>:<none>', version),
    RepoDigests: named(digestsOf(image), '<none>@<none>', version),
    Created: createdSeconds(image),
    Size: image.size,
    SharedSize: -1,
    ...(before(version, '1.44') ? { VirtualSize: image.size } : {}),
    Labels: Object.keys(labels).length === 0 ? null : labels,
    Containers: since(version, '1.51') ? users : -1,
  };
}

/** Fields that clients read without looking whether they are there. */
function imageConfig(image: ImageView): JsonObject {
  const { config } = image;
  return {
    ...config,
    Env: texts(config['Env']),
    Cmd: config['Cmd'] ?? null,
    Entrypoint: config['Entrypoint'] ?? null,
    Labels: config['Labels'] ?? null,
  };
}

function legacy(image: ImageView, version: ApiVersion): Partial<ImageInspect> {
  return {
    ...(before(version, '1.44') ? { VirtualSize: image.size } : {}),
    ...(before(version, '1.45') ? { Container: '', ContainerConfig: {} } : {}),
    ...(before(version, '1.52') ? { Parent: '', DockerVersion: '' } : {}),
  };
}

export function inspectedImage(
  image: ImageView,
  snapshotter: string,
  version: ApiVersion,
): ImageInspect {
  const { mediaType, digest, size } = image.target;
  return {
    Id: image.id,
    RepoTags: tagsOf(image),
    RepoDigests: digestsOf(image),
    ...legacy(image, version),
    Comment: '',
    Created: image.created === '' ? ZERO_TIME : image.created,
    Author: image.author,
    Config: imageConfig(image),
    Architecture: image.architecture,
    ...(image.variant === '' ? {} : { Variant: image.variant }),
    Os: image.os,
    Size: image.size,
    ...(before(version, '1.52') ? { GraphDriver: { Name: snapshotter, Data: null } } : {}),
    RootFS: { Type: 'layers', Layers: image.diffIds },
    Metadata: { LastTagTime: rfc3339(image.loadedNs) },
    ...(before(version, '1.48') ? {} : { Descriptor: { mediaType, digest, size } }),
  };
}
