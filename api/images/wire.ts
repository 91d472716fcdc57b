/** Images as Engine API JSON, typed by api/openapi.yaml. What a version hides is left out here. */
import { familiar } from '../../machines/reference.ts';
import type { JsonObject } from '../../machines/words.ts';
import type { ImageView } from '../../projections/views.ts';
import type { ImageInspect, ImageSummary } from '../openapi.gen.ts';
import { flag } from '../parameters.ts';
import type { ApiRequest } from '../request.ts';
import { rfc3339, ZERO_TIME } from '../time.ts';
import { type ApiVersion, before, since } from '../versions.ts';
import { object, texts } from './config.ts';

/** A reference by digest is no tag. */
const tagsOf = (image: ImageView): string[] =>
  image.tags.filter((tag) => !tag.includes('@')).map(familiar);

/** Name of each tag with the digest of what it stands for. */
function digestsOf(image: ImageView): string[] {
  const names = image.tags.map((tag) => {
    const [name = ''] = familiar(tag).split('@');
    return name.replace(/:[^/:]*$/, '');
  });
  return [...new Set(names)].map((name) => `${name}@${image.target.digest}`);
}

/** Old clients want a placeholder where an image has no name. */
const named = (names: readonly string[], nothing: string, version: ApiVersion) =>
  names.length === 0 && before(version, '1.43') ? [nothing] : names;

/** Seconds since 1970 of an RFC 3339 time; 0 if it is none. */
export function secondsOf(created: string): number {
  const ms = Date.parse(created);
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

/** Seconds since 1970 of the image's making; 0 if it does not say. */
export const createdSeconds = ({ created }: ImageView): number => secondsOf(created);

/** The same in nanoseconds. */
export const createdNs = (image: ImageView): bigint =>
  BigInt(createdSeconds(image)) * 1_000_000_000n;

/**
 * @param users number of containers made from the image; only newer versions ask for it.
 * @param shared bytes of its layers that other images have, too; -1: not asked for.
 */
export function listedImage(
  image: ImageView,
  users: number,
  version: ApiVersion,
  shared = -1,
): ImageSummary {
  const labels = object(image.config['Labels']);
  return {
    Id: image.id,
    ParentId: '',
    RepoTags: named(tagsOf(image), '<none>:<none>', version),
    RepoDigests: named(digestsOf(image), '<none>@<none>', version),
    Created: createdSeconds(image),
    Size: image.size,
    SharedSize: shared,
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
    Comment: image.comment ?? '',
    Created: image.created === '' ? ZERO_TIME : image.created,
    Author: image.author,
    Config: imageConfig(image),
    Architecture: image.architecture,
    ...(image.variant === '' ? {} : { Variant: image.variant }),
    Os: image.os,
    Size: image.size,
    ...(before(version, '1.52') ? { GraphDriver: { Name: snapshotter, Data: null } } : {}),
    RootFS: { Type: 'layers', Layers: image.diffIds },
    Metadata: { LastTagTime: rfc3339(image.taggedNs) },
    ...(before(version, '1.48') ? {} : { Descriptor: { mediaType, digest, size } }),
  };
}

/** `Manifests`, when the request asks for it and its version, `from` on, knows it. */
export function manifestsOf(
  image: ImageView,
  containers: readonly string[],
  { query, version }: Pick<ApiRequest, 'query' | 'version'>,
  from: string,
): { readonly Manifests?: readonly object[] } {
  if (before(version, from) || !flag(query, 'manifests')) return {};
  const { architecture, os, variant, contentSize: Content = 0, size: Unpacked } = image;
  const Platform = { architecture, os, ...(variant === '' ? {} : { variant }) };
  const one = {
    ID: image.target.digest,
    Descriptor: image.target,
    Available: true,
    Size: { Content, Total: Content + Unpacked },
    Kind: 'image',
    ImageData: { Platform, Containers: containers, Size: { Unpacked } },
  };
  return { Manifests: [one] };
}
