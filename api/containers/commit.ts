/**
 * `POST /commit`: an image of what a container is now. The container is paused while its files are
 * read, by the same commands that anybody may give, and goes on whatever becomes of the commit.
 */
import { Readable } from 'node:stream';
import { familiar } from '../../machines/reference.ts';
import type { JsonObject } from '../../machines/words.ts';
import type { ContainerDetails } from '../../projections/views.ts';
import { BODY_LIMIT, jsonBody, readAll } from '../body.ts';
import { apiError } from '../errors.ts';
import { changed } from '../images/changes.ts';
import { texts } from '../images/config.ts';
import { archiveFailure } from '../images/load.ts';
import { newReference } from '../images/tag.ts';
import type { ContainerConfigRequest } from '../openapi.gen.ts';
import { flag } from '../parameters.ts';
import type { ApiPorts, CommitWishes } from '../ports.ts';
import { type ApiContext, type ApiRequest, type Handler, json } from '../request.ts';
import { rfc3339 } from '../time.ts';
import { archiveFailed, tell } from './archive.ts';
import { container } from './lookup.ts';
import { mergeConfig } from './merge.ts';

/** What an image says of its containers; the rest is one container's own. */
const FIELDS = [
  'User',
  'ExposedPorts',
  'Cmd',
  'Entrypoint',
  'Healthcheck',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
  'Shell',
] as const;

/** Nothing and `null` are as good as no wishes. */
async function ownConfig(request: ApiRequest): Promise<ContainerConfigRequest> {
  const bytes = await readAll(request.body, BODY_LIMIT);
  const said = bytes.toString('utf8').trim();
  if (said === '' || said === 'null') return {};
  const body = Readable.from([bytes]);
  return (await jsonBody('ContainerConfigRequest', { headers: request.headers, body })).value;
}

/** The container's configuration, its environment with it, as one of an image. */
function configOf(ports: ApiPorts, details: ContainerDetails): JsonObject {
  const values = ports.secrets.reveal(details.env.map(({ digest }) => digest));
  // What was erased is not in the image either.
  const env = details.env.flatMap(({ name, digest }) => {
    const value = values.get(digest);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return { ...details.config, Env: env } as JsonObject;
}

function imageConfig(
  ports: ApiPorts,
  details: ContainerDetails,
  own: ContainerConfigRequest,
  request: ApiRequest,
): JsonObject {
  const asked = changed(own as JsonObject, request.query.getAll('changes'));
  const wishes = asked as ContainerConfigRequest;
  const { config, env } = mergeConfig(wishes, configOf(ports, details), '', request.version);
  const onBuild = texts(asked['OnBuild']);
  return {
    ...Object.fromEntries(
      FIELDS.flatMap((field) => (config[field] === undefined ? [] : [[field, config[field]]])),
    ),
    Env: [...env].map(([name, value]) => `${name}=${value}`),
    ...(onBuild.length === 0 ? {} : { OnBuild: onBuild }),
  };
}

async function commitWishes(
  ports: ApiPorts,
  details: ContainerDetails,
  request: ApiRequest,
): Promise<CommitWishes> {
  const { query } = request;
  const repo = query.get('repo') ?? '';
  const own = await ownConfig(request);
  const parent = ports.images.get(details.imageId);
  if (parent === undefined) throw apiError('no-such-image', { ref: details.imageId });
  return {
    parent: parent.target,
    container: details.id,
    createdBy: (details.config.Cmd ?? []).join(' '),
    config: imageConfig(ports, details, own, request),
    author: query.get('author') ?? '',
    comment: query.get('comment') ?? '',
    created: rfc3339(ports.ambient.nowNs()),
    reference: repo === '' ? null : newReference(repo, query.get('tag') ?? ''),
  };
}

/** Whether it is paused now because it was asked to be. */
async function paused({ ports }: ApiContext, request: ApiRequest, details: ContainerDetails) {
  const wanted = flag(request.query, 'pause', true) && details.status === 'running';
  if (!wanted) return false;
  // One that ends in this moment need not be paused.
  const outcome = await ports.commands.submit({ type: 'pause', id: details.id }, request.info);
  return outcome.kind === 'done';
}

export const commit: Handler = async (context, request) => {
  const { ports } = context;
  const ref = request.query.get('container') ?? '';
  const details = container(ports, ref);
  const { id, status } = details;
  if (status === 'dead') throw apiError('not-copied-when-dead', { id, doing: 'commit' });
  if (status === 'removing') throw apiError('not-copied-when-removed', { id, doing: 'commit' });
  const wishes = await commitWishes(ports, details, request);
  const mustResume = await paused(context, request, details);
  try {
    const imageID = await ports.imageStore.commit(wishes, request.info, request.signal);
    const imageRef = wishes.reference === null ? '' : familiar(wishes.reference);
    tell(ports, id, 'commit', { comment: wishes.comment, imageID, imageRef });
    return json({ Id: imageID }, 201);
  } catch (thrown) {
    throw archiveFailure(archiveFailed(thrown, '/', ref));
  } finally {
    if (mustResume) await ports.commands.submit({ type: 'unpause', id }, request.info);
  }
};
