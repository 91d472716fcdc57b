/** Every family there is: whoever folds or replays a log knows by this list whose a stream is. */
import { containerFamily } from './container.family.ts';
import { daemonFamily } from './daemon.family.ts';
import type { Family } from './decision.ts';
import { imageFamily } from './image.family.ts';
import { networkFamily } from './network.family.ts';
import { volumeFamily } from './volume.family.ts';

export const FAMILIES: readonly Family[] = [
  containerFamily,
  imageFamily,
  volumeFamily,
  networkFamily,
  daemonFamily,
];
