/**
 * `GET /system/df`: images by their layers, each counted once, and containers by what they wrote.
 * Below 1.52 there is one list a type; from then on counts a type, and lists if they are asked for.
 */
import type { ContainerSummary, ImageView } from '../../projections/views.ts';
import { healthSummary } from '../containers/health.ts';
import { withImageNames } from '../containers/imageName.ts';
import { containerSizes } from '../containers/sizes.ts';
import { isRunning } from '../containers/status.ts';
import { listed } from '../containers/wire.ts';
import { apiError } from '../errors.ts';
import { sharedSizes, sizeOfAll } from '../images/layers.ts';
import { listedImage } from '../images/wire.ts';
import { listedMounts } from '../mounts/wire.ts';
import { networkPicture } from '../networks/settings.ts';
import type {
  ContainerSummary as ContainerItem,
  DiskUsage,
  ImageSummary as ImageItem,
  Usage,
  Volume,
} from '../openapi.gen.ts';
import { flag } from '../parameters.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiRequest, type Handler, json } from '../request.ts';
import { type ApiVersion, before } from '../versions.ts';
import { usesOf } from '../volumes/handlers.ts';
import { shownVolume } from '../volumes/wire.ts';

const TYPES = ['container', 'image', 'volume', 'build-cache'];

interface Part<Item> {
  readonly items: readonly Item[];
  /** Bytes; of images each layer once. */
  readonly total: number;
  readonly usage: Usage;
}

/** Which types are asked for; older clients ask for all. @throws ApiError 400 for another type */
function wanted({ query, version }: ApiRequest): (type: string) => boolean {
  const given = before(version, '1.42') ? [] : query.getAll('type');
  const unknown = given.find((type) => !TYPES.includes(type));
  if (unknown !== undefined)
    throw apiError('bad-parameter', { message: `unknown object type: ${unknown}` });
  return (type) => given.length === 0 || given.includes(type);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

function images(
  ports: ApiPorts,
  used: (id: string) => number,
  version: ApiVersion,
): Part<ImageItem> {
  const all: readonly ImageView[] = ports.images.list();
  const shared = sharedSizes(all);
  const total = sizeOfAll(all);
  const items = all.map((image) => ({
    ...listedImage(image, used(image.id), version, shared.get(image.id)),
    Containers: used(image.id),
  }));
  const active = items.filter(({ Containers }) => Containers > 0);
  const kept = sum(active.map(({ Size, SharedSize }) => Size - SharedSize));
  const usage = {
    ActiveCount: active.length,
    TotalCount: items.length,
    TotalSize: total,
    Reclaimable: Math.max(total - kept, 0),
  };
  return { items, total, usage };
}

async function containers(
  ports: ApiPorts,
  all: readonly ContainerSummary[],
  version: ApiVersion,
): Promise<Part<ContainerItem>> {
  const sizes = await containerSizes(ports, all);
  const shape = {
    picture: networkPicture(ports),
    version,
    nowNs: ports.ambient.nowNs(),
    sizes,
    mountsOf: listedMounts(ports),
  };
  const named = withImageNames(ports);
  const bytes = (item: ContainerSummary) => Math.max(sizes.get(item.id)?.SizeRw ?? 0, 0);
  const total = sum(all.map(bytes));
  const idle = all.filter((item) => !isRunning(item));
  const usage = {
    ActiveCount: all.length - idle.length,
    TotalCount: all.length,
    TotalSize: total,
    Reclaimable: sum(idle.map(bytes)),
  };
  const items = all.map((item) =>
    listed(named(item), undefined, healthSummary(item, ports.side), shape),
  );
  return { items, total, usage };
}

async function volumes(ports: ApiPorts): Promise<Part<Volume>> {
  const all = ports.volumes.list();
  const uses = usesOf(ports);
  const sizes = await ports.volumes.sizes(all.map(({ name }) => name));
  const { dataRoot } = ports.daemon.info();
  const bytes = ({ name }: { readonly name: string }) => sizes.get(name) ?? 0;
  const items = all.map((one) => {
    const usage = { Size: sizes.get(one.name) ?? -1, RefCount: uses.get(one.name) ?? 0 };
    return shownVolume(one, dataRoot, usage);
  });
  const idle = all.filter(({ name }) => !uses.has(name));
  const total = sum(all.map(bytes));
  const usage = {
    ActiveCount: all.length - idle.length,
    TotalCount: all.length,
    TotalSize: total,
    Reclaimable: sum(idle.map(bytes)),
  };
  return { items, total, usage };
}

const NOTHING: Part<never> = {
  items: [],
  total: 0,
  usage: { ActiveCount: 0, TotalCount: 0, TotalSize: 0, Reclaimable: 0 },
};

interface Parts {
  readonly image: Part<ImageItem> | undefined;
  readonly container: Part<ContainerItem> | undefined;
  readonly volume: Part<Volume> | undefined;
  readonly cache: Part<never> | undefined;
}

function lists({ image, container, volume, cache }: Parts, version: ApiVersion): DiskUsage {
  return {
    LayersSize: image?.total ?? 0,
    Images: image?.items ?? null,
    Containers: container?.items ?? null,
    Volumes: volume?.items ?? null,
    BuildCache: cache?.items ?? null,
    ...(before(version, '1.42') ? { BuilderSize: 0 } : {}),
  };
}

function usages({ image, container, volume, cache }: Parts, verbose: boolean): DiskUsage {
  const shown = (name: string, part: Part<object> | undefined) =>
    part === undefined
      ? {}
      : { [name]: { ...part.usage, ...(verbose ? { Items: part.items } : {}) } };
  return {
    ...shown('ImageUsage', image),
    ...shown('ContainerUsage', container),
    ...shown('VolumeUsage', volume),
    ...shown('BuildCacheUsage', cache),
  };
}

export const diskUsage: Handler = async ({ ports }, request) => {
  const { version, query } = request;
  const asks = wanted(request);
  const all = ports.containers.list();
  const used = (id: string) => all.filter(({ imageId }) => imageId === id).length;
  const image = asks('image') ? images(ports, used, version) : undefined;
  const container = asks('container') ? await containers(ports, all, version) : undefined;
  const volume = asks('volume') ? await volumes(ports) : undefined;
  const cache = asks('build-cache') ? NOTHING : undefined;
  const parts = { image, container, volume, cache };
  if (before(version, '1.52')) return json(lists(parts, version));
  const verbose = flag(query, 'verbose');
  return json({ ...usages(parts, verbose), ...(verbose ? {} : lists(parts, version)) });
};
