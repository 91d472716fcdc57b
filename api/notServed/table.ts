/**
 * Every route of version 1.55 that shiplog knows and does not serve, and how it answers: as a
 * dockerd that has the feature off, or with a 501 that names what is missing. Nothing is ignored in
 * silence. A row leaves this table when its route works.
 */
import type { RequestErrorKind } from '../errors.ts';
import type { Route } from '../router.ts';

export interface NotServed {
  readonly method: Route['method'];
  readonly path: string;
  readonly answer: Extract<
    RequestErrorKind,
    'unsupported' | 'no-swarm' | 'not-in-swarm' | 'no-such-plugin' | 'experimental'
  >;
  /** What is missing, as the error and the compatibility page say it. */
  readonly what: string;
}

type Lines = readonly (readonly [Route['method'], string])[];

const rows = (answer: NotServed['answer'], what: string, lines: Lines): readonly NotServed[] =>
  lines.map(([method, path]) => ({ method, path, answer, what }));

const unsupported = (what: string, ...lines: Lines) => rows('unsupported', what, lines);

const images: readonly NotServed[] = [
  ...unsupported('image attestations', ['GET', '/images/{name:.+}/attestations']),
  ...unsupported('pushing images', ['POST', '/images/{name:.+}/push']),
  ...unsupported('searching for images', ['GET', '/images/search']),
  ...unsupported('looking into registries', ['GET', '/distribution/{name:.+}/json']),
  ...unsupported('logging in to registries', ['POST', '/auth']),
  ...unsupported(
    'building images',
    ['POST', '/build'],
    ['POST', '/build/cancel'],
    ['POST', '/session'],
    ['POST', '/grpc'],
  ),
];

const surroundings: readonly NotServed[] = [
  ...unsupported(
    'plugins',
    ['GET', '/plugins/privileges'],
    ['POST', '/plugins/pull'],
    ['POST', '/plugins/create'],
  ),
  ...rows('no-such-plugin', 'plugins: there is none', [
    ['GET', '/plugins/{name:.+}/json'],
    ['POST', '/plugins/{name:.+}/enable'],
    ['POST', '/plugins/{name:.+}/disable'],
    ['POST', '/plugins/{name:.+}/upgrade'],
    ['POST', '/plugins/{name:.+}/push'],
    ['POST', '/plugins/{name:.+}/set'],
    ['DELETE', '/plugins/{name:.+}'],
  ]),
];

const checkpoints: readonly NotServed[] = rows('experimental', 'checkpoints (planned)', [
  ['GET', '/containers/{id}/checkpoints'],
  ['POST', '/containers/{id}/checkpoints'],
  ['DELETE', '/containers/{id}/checkpoints/{checkpoint}'],
]);

const SWARM = 'swarm mode: the node is in no swarm';

const swarm: readonly NotServed[] = [
  ...unsupported('swarm mode', ['POST', '/swarm/init'], ['POST', '/swarm/join']),
  ...rows('not-in-swarm', SWARM, [['POST', '/swarm/leave']]),
  ...rows('no-swarm', SWARM, [
    ['GET', '/swarm'],
    ['POST', '/swarm/update'],
    ['GET', '/swarm/unlockkey'],
    ['POST', '/swarm/unlock'],
    ['GET', '/nodes'],
    ['GET', '/nodes/{id}'],
    ['DELETE', '/nodes/{id}'],
    ['POST', '/nodes/{id}/update'],
    ['GET', '/services'],
    ['POST', '/services/create'],
    ['GET', '/services/{id}'],
    ['DELETE', '/services/{id}'],
    ['POST', '/services/{id}/update'],
    ['GET', '/services/{id}/logs'],
    ['GET', '/tasks'],
    ['GET', '/tasks/{id}'],
    ['GET', '/tasks/{id}/logs'],
    ['GET', '/secrets'],
    ['POST', '/secrets/create'],
    ['GET', '/secrets/{id}'],
    ['DELETE', '/secrets/{id}'],
    ['POST', '/secrets/{id}/update'],
    ['GET', '/configs'],
    ['POST', '/configs/create'],
    ['GET', '/configs/{id}'],
    ['DELETE', '/configs/{id}'],
    ['POST', '/configs/{id}/update'],
    ['PUT', '/volumes/{name}'],
  ]),
];

export const NOT_SERVED: readonly NotServed[] = [
  ...images,
  ...surroundings,
  ...checkpoints,
  ...swarm,
];
