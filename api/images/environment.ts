/**
 * The environment of an image's configuration, apart from it: its values may be those of a
 * container that was committed, and the log holds none (law 17). The fact holds digests, the values
 * lie with the secrets until the image is removed, and a query has them again.
 */
import type { StagedUnderLease } from '../../machines/image.commands.ts';
import type { StagedImage } from '../../machines/image.facts.ts';
import type { ImageQueries, ImageView } from '../../projections/views.ts';
import type { Ambient, Secrets } from '../ports.ts';
import { secret } from '../secret.ts';
import { texts } from './config.ts';

/** What is logged of a staged image, and the values that are not. */
export function withoutEnvironment(
  image: StagedImage,
  ambient: Ambient,
): Pick<StagedUnderLease, 'image' | 'secrets'> {
  const { Env: given, ...config } = image.config;
  if (given === undefined) return { image };
  const secrets = texts(given).map((entry) => {
    const [name = '', ...value] = entry.split('=');
    return secret(ambient, name, value.join('='));
  });
  return { image: { ...image, config, env: secrets.map(({ ref }) => ref) }, secrets };
}

/** The same queries; single images come with their environment. Of a removed one it is erased. */
export function withEnvironment(queries: ImageQueries, secrets: Secrets): ImageQueries {
  const whole = <V extends ImageView | 'ambiguous' | undefined>(found: V): V | ImageView =>
    typeof found === 'object' ? revealed(found, secrets) : found;
  return {
    list: () => queries.list(),
    byReference: (reference) => whole(queries.byReference(reference)),
    byId: (idOrPrefix) => whole(queries.byId(idOrPrefix)),
    get: (id) => whole(queries.get(id)),
  };
}

function revealed(image: ImageView, secrets: Secrets): ImageView {
  const { env } = image;
  if (env === undefined) return image;
  const values = secrets.reveal(env.map(({ digest }) => digest));
  const Env = env.flatMap(({ name, digest }) => {
    const value = values.get(digest);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return { ...image, config: { ...image.config, Env } };
}
