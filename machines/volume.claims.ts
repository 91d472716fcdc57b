/**
 * What is claimed of volumes. A name belongs to one volume at a time. A volume belongs to all
 * containers that mount it, by shares, from create to the end of their removal; the removal of a
 * volume takes the whole, so that a create and a removal that meet in one turn of the loop can not
 * both win.
 */
import { type Claim, type ContainerId, type StreamName, shareOf } from './words.ts';

export interface VolumeRef {
  readonly name: string;
  readonly incarnation: number;
}

export const volumeStream = ({ name, incarnation }: VolumeRef): StreamName =>
  `volume/${name}#${incarnation}`;

/** `volume/<name>#<n>` taken apart. */
export function volumeOfStream(stream: StreamName): VolumeRef {
  const at = stream.lastIndexOf('#');
  return { name: stream.slice('volume/'.length, at), incarnation: Number(stream.slice(at + 1)) };
}

export const volumeNameClaim = (name: string): Claim => ({ kind: 'volume-name', key: name });

export const volumeClaim = ({ name, incarnation }: VolumeRef): Claim => ({
  kind: 'volume',
  key: `${name}#${incarnation}`,
});

export const volumeShare = (volume: VolumeRef, container: ContainerId): Claim =>
  shareOf(volumeClaim(volume), container);
