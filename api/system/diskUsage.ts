/** `GET /system/df`: sizes of images; what containers wrote is not measured. */
import { healthSummary } from '../containers/health.ts';
import { listed } from '../containers/wire.ts';
import { sharedSizes, sizeOfAll } from '../images/layers.ts';
import { listedImage } from '../images/wire.ts';
import type { DiskUsage } from '../openapi.gen.ts';
import { type Handler, json } from '../request.ts';

export const diskUsage: Handler = ({ ports }, { version }) => {
  const shape = { version, nowNs: ports.ambient.nowNs(), size: true };
  const containers = ports.containers.list();
  const images = ports.images.list();
  const shared = sharedSizes(images);
  const users = (id: string): number => containers.filter(({ imageId }) => imageId === id).length;
  const body: DiskUsage = {
    LayersSize: sizeOfAll(images),
    Images: images.map((image) =>
      listedImage(image, users(image.id), version, shared.get(image.id)),
    ),
    Containers: containers.map((item) =>
      listed(item, undefined, healthSummary(item, ports.side), shape),
    ),
    Volumes: [],
    BuildCache: [],
  };
  return json(body);
};
