/** A small image on its way in and one that is published, as their effects find them. */
import { join } from 'node:path';
import type { StagedImage } from '../../machines/image.facts.ts';
import type { ImageContext } from '../../machines/image.machine.ts';
import type { World } from '../container/world.fixture.ts';
import { busyboxImage, oldLayout, streamOf, tar } from './archive.fixture.ts';
import { makeImageStager } from './loader.ts';

/** A reference that the image does not have. */
export const SECOND = 'docker.io/library/twice:second';

interface Staged {
  readonly subject: StagedImage;
  readonly params: { readonly id: string; readonly lease: string };
  /** Takes the records of all images away, and with them what they hold. */
  end(): Promise<void>;
}

export async function stagedImage({ deps, directory }: World): Promise<Staged> {
  const { containerd: client, snapshotter } = deps;
  const stager = makeImageStager({ client, snapshotter, spoolDirectory: join(directory, 'spool') });
  const layout = oldLayout([{ image: await busyboxImage(), tags: ['twice:latest'] }]);
  const [subject] = await stager.stage(streamOf(await tar(layout)));
  if (subject === undefined) throw new Error('no image was staged');
  const params = { id: subject.id, lease: subject.lease };
  const end = async (): Promise<void> => {
    for (const { name } of await client.images.list()) {
      await client.images.delete(name, { sync: true });
    }
  };
  return { subject, params, end };
}

export async function publishedImage(
  world: World,
): Promise<{ readonly subject: ImageContext; readonly end: () => Promise<void> }> {
  const { subject, params, end } = await stagedImage(world);
  await world.run('image.publish', subject, params);
  return { subject: { ...subject, tags: subject.references }, end };
}
