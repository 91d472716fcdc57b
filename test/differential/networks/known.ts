/** What dockerd 20.10 and shiplog are known to say differently of networks: see options/known.ts. */
import type { KnownLine } from '../options/known.ts';

export const KNOWN_STORY_LINES: readonly KnownLine[] = [];
