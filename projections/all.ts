/** Every read model there is, in the order in which each fact is folded into them. */
import { containerHistoryProjection } from './containerHistory.ts';
import { containersProjection } from './containers.ts';
import { execsProjection } from './execs.ts';
import { healthProjection } from './health.ts';
import { imagesProjection } from './images.ts';
import { networksProjection } from './networks.ts';
import type { Projection } from './projection.ts';
import { volumesProjection } from './volumes.ts';

export const PROJECTIONS: readonly Projection[] = [
  containersProjection,
  containerHistoryProjection,
  execsProjection,
  healthProjection,
  imagesProjection,
  networksProjection,
  volumesProjection,
];
