/** What the facade needs of volumes. */
import type { VolumeCommand } from '../../machines/volume.commands.ts';
import type { VolumeQueries } from '../../projections/views.ts';
import type { CommandOutcome, RequestInfo } from '../ports.ts';

/** Volumes, and what they need of the host. */
export interface Volumes extends VolumeQueries {
  submit(command: VolumeCommand, request: RequestInfo): Promise<CommandOutcome>;
  /** Bytes in each, by name; those that could not be measured are absent. */
  sizes(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Removes those that a removed container has taken along. */
  sweep(): Promise<void>;
  /** Whether anything lies at a path of the host. */
  hostHas(path: string): boolean;
}
