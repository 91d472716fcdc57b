/** All stories. */
import { CONNECTING } from './stories.connect.ts';
import { MAKING } from './stories.make.ts';
import { NAMES } from './stories.names.ts';
import { PORTS } from './stories.ports.ts';
import { RUNNING } from './stories.run.ts';
import type { Story } from './story.ts';

export const STORIES: readonly Story[] = [...MAKING, ...RUNNING, ...CONNECTING, ...PORTS, ...NAMES];
