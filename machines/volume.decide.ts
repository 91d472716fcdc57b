/**
 * Which command or outcome of a volume leads to which fact. One that a container mounts, running or
 * not, is not removed: by its share, also if the container is made in the same turn of the loop.
 */
import type { Decision, Input, Settlement, View } from './decision.ts';
import { volumeClaim, volumeNameClaim, volumeOfStream, volumeStream } from './volume.claims.ts';
import type { VolumeCommand, VolumeRefusal } from './volume.commands.ts';
import type { VolumeFact } from './volume.facts.ts';
import type { Claim, Fact, StreamName } from './words.ts';

type Asked<T extends VolumeCommand['type']> = Extract<VolumeCommand, { type: T }>;

const refuse = (refusal: VolumeRefusal): Decision => ({ kind: 'refused', refusal });

function one(
  stream: StreamName,
  fact: VolumeFact,
  claims: { readonly take?: readonly Claim[]; readonly free?: readonly Claim[] } = {},
): Decision {
  return { kind: 'facts', drafts: [{ stream, fact, ...claims }] };
}

export function decideVolume(view: View, command: VolumeCommand): Decision {
  return command.type === 'create-volume' ? create(view, command) : remove(view, command);
}

function create(view: View, { type: _, ...asked }: Asked<'create-volume'>): Decision {
  const holder = view.holder(volumeNameClaim(asked.name));
  if (holder !== undefined) {
    const value = String(view.state(holder)?.value);
    return value === 'present' ? { kind: 'nothing' } : { kind: 'defer', waitingFor: value };
  }
  let { incarnation } = asked;
  while (view.state(volumeStream({ name: asked.name, incarnation })) !== undefined) {
    incarnation += 1;
  }
  const data = { ...asked, incarnation };
  const take = [volumeNameClaim(asked.name)];
  return one(volumeStream(data), { type: 'volume.create-requested', data }, { take });
}

function remove(view: View, { name, incarnation }: Asked<'remove-volume'>): Decision {
  const volume = { name, incarnation };
  const stream = volumeStream(volume);
  const value = view.state(stream)?.value ?? 'removed';
  if (value === 'removed') return refuse({ kind: 'no-such-volume', name });
  if (value !== 'present') return { kind: 'defer', waitingFor: String(value) };
  const users = view.sharers(volumeClaim(volume));
  const containers = users.map((user) => user.slice('container/'.length));
  if (containers.length > 0) return refuse({ kind: 'volume-in-use', name, containers });
  const take = [volumeClaim(volume)];
  return one(stream, { type: 'volume.remove-requested', data: {} }, { take });
}

export function decideVolumeOutcome(
  _view: View,
  { stream, effect, result }: Extract<Input, { kind: 'outcome' }>,
): Decision {
  const volume = volumeOfStream(stream);
  const message = result.ok ? '' : result.error.message;
  if (effect.type === 'volume.prepare') {
    return result.ok
      ? one(stream, { type: 'volume.created', data: {} })
      : one(stream, { type: 'volume.create-failed', data: { message } });
  }
  const whole = [volumeClaim(volume)];
  return result.ok
    ? one(
        stream,
        { type: 'volume.removed', data: {} },
        { free: [...whole, volumeNameClaim(volume.name)] },
      )
    : one(stream, { type: 'volume.remove-failed', data: { message } }, { free: whole });
}

/** Whether `given` is what the command was to lead to. */
export function settlesVolume({ type, name }: VolumeCommand, given: Fact): Settlement | undefined {
  const fact = given as VolumeFact;
  const failed = (doing: 'create' | 'remove', message: string): Settlement => ({
    kind: 'refused',
    refusal: { kind: 'volume-failed', doing, name, message },
  });
  switch (fact.type) {
    case 'volume.created':
      return type === 'create-volume' ? { kind: 'done' } : undefined;
    case 'volume.create-failed':
      return type === 'create-volume' ? failed('create', fact.data.message) : undefined;
    case 'volume.removed':
      return type === 'remove-volume' ? { kind: 'done' } : undefined;
    case 'volume.remove-failed':
      return type === 'remove-volume' ? failed('remove', fact.data.message) : undefined;
    default:
      return undefined;
  }
}
