/**
 * The states of a volume. It has no lifecycle to speak of, so this is a plain fold: creating →
 * present → removing → removed. A create that failed is taken back like a removal.
 */
import { IllegalFact, type Stepped } from './step.ts';
import type { VolumeData, VolumeFact } from './volume.facts.ts';
import type { ActorState, Effect, Fact } from './words.ts';

export type VolumeContext = VolumeData;

const UNBORN: VolumeContext = {
  name: '',
  incarnation: 0,
  driver: 'local',
  options: null,
  labels: null,
  anonymous: false,
  container: null,
};

/** Where each fact leads, by the state that it is legal in. */
const LEADS: Readonly<Record<string, Partial<Record<VolumeFact['type'], string>>>> = {
  absent: { 'volume.create-requested': 'creating' },
  creating: { 'volume.created': 'present', 'volume.create-failed': 'removing' },
  present: { 'volume.remove-requested': 'removing' },
  removing: { 'volume.removed': 'removed', 'volume.remove-failed': 'present' },
};

const ASKS: Partial<Record<VolumeFact['type'], 'volume.prepare' | 'volume.erase'>> = {
  'volume.create-requested': 'volume.prepare',
  'volume.create-failed': 'volume.erase',
  'volume.remove-requested': 'volume.erase',
};

export function foldVolume(state: ActorState | undefined, fact: Fact): Stepped<VolumeContext> {
  const given = fact as VolumeFact;
  const value = String(state?.value ?? 'absent');
  const next = LEADS[value]?.[given.type];
  if (next === undefined) throw new IllegalFact('volume', value, given.type);
  const before = (state?.context ?? UNBORN) as VolumeContext;
  const context = given.type === 'volume.create-requested' ? given.data : before;
  const asked = ASKS[given.type];
  const effects: readonly Effect[] =
    asked === undefined ? [] : [{ type: asked, params: { name: context.name } }];
  return { state: { value: next, context }, effects, final: next === 'removed' };
}
