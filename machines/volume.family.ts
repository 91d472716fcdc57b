/** Volumes: a mailbox for each name, so that a sick disk holds the volumes on it alone. */
import type { Family, StreamKind } from './decision.ts';
import { volumeOfStream } from './volume.claims.ts';
import type { VolumeCommand } from './volume.commands.ts';
import { decideVolume, decideVolumeOutcome, settlesVolume } from './volume.decide.ts';
import { foldVolume } from './volume.fold.ts';

const volume: StreamKind = { name: 'volume', revision: 1, fold: foldVolume };

export const volumeFamily: Family<VolumeCommand> = {
  name: 'volume',
  keyOf: (stream) =>
    stream.startsWith('volume/') ? `volume/${volumeOfStream(stream).name}` : undefined,
  keyOfCommand: ({ name }) => `volume/${name}`,
  kindOf: () => volume,
  decide: (view, input) => {
    if (input.kind === 'command') return decideVolume(view, input.command);
    return input.kind === 'outcome' ? decideVolumeOutcome(view, input) : { kind: 'nothing' };
  },
  /** A container that mounts it was made between the look and the append. */
  claimRefused: ({ key }, holder) => ({
    kind: 'volume-in-use',
    name: key.split('#')[0] ?? key,
    containers: holder.startsWith('container/') ? [holder.slice('container/'.length)] : [],
  }),
  settles: settlesVolume,
  endsThings: ({ type }) => type === 'remove-volume',
  subject: (view, stream) => view.state(stream)?.context ?? {},
};
