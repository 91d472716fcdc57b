/** Given what volumes, containers and claims there are, what a command about a volume leads to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerCommand } from './container.commands.ts';
import { containerFamily } from './container.family.ts';
import type { Command, Decision, Family, Input, View } from './decision.ts';
import { commands, ID } from './samples.fixture.ts';
import { volumeClaim, volumeShare, volumeStream } from './volume.claims.ts';
import type { VolumeCommand } from './volume.commands.ts';
import { volumeFamily } from './volume.family.ts';
import type { ActorState, Claim, Effect } from './words.ts';

/** A log of volumes alone: folds facts, keeps claims, remembers effects. */
class Volumes implements View {
  readonly states = new Map<string, ActorState>();
  readonly claims = new Map<string, string>();
  readonly effects: (Effect & { readonly stream: string })[] = [];

  state(stream: string): ActorState | undefined {
    return this.states.get(stream);
  }
  holder({ kind, key }: Claim): string | undefined {
    return this.claims.get(`${kind} ${key}`);
  }
  held(): [] {
    return [];
  }
  sharers({ kind, key }: Claim): string[] {
    const prefix = `${kind} ${key} `;
    return [...this.claims].flatMap(([claim, holder]) => (claim.startsWith(prefix) ? holder : []));
  }

  decide<C extends Command>(family: Family<C>, input: Input<C>): Decision {
    const decision = family.decide(this, input);
    if (decision.kind !== 'facts') return decision;
    for (const { stream, fact, take = [], free = [] } of decision.drafts) {
      const stepped = family.kindOf(stream).fold(this.state(stream), fact);
      this.states.set(stream, stepped.state);
      this.effects.push(...stepped.effects.map((effect) => ({ ...effect, stream })));
      for (const { kind, key } of free) this.claims.delete(`${kind} ${key}`);
      for (const { kind, key } of take) this.claims.set(`${kind} ${key}`, stream);
    }
    return decision;
  }

  ask(command: VolumeCommand): Decision {
    return this.decide(volumeFamily, { kind: 'command', command });
  }

  /** The outcome of the oldest effect that was asked for. */
  done(failure?: string): Decision {
    const effect = this.effects.shift() as Effect<'volume.prepare', { name: string }> & {
      readonly stream: string;
    };
    const error = { kind: 'failed', message: failure ?? '' } as const;
    const result =
      failure === undefined ? ({ ok: true, data: {} } as const) : ({ ok: false, error } as const);
    return this.decide(volumeFamily, { kind: 'outcome', stream: effect.stream, effect, result });
  }

  /** With a volume that is there. */
  with(name: string): this {
    this.ask(create(name));
    this.done();
    return this;
  }
}

const create = (name: string): Extract<VolumeCommand, { type: 'create-volume' }> => ({
  type: 'create-volume',
  name,
  incarnation: 1,
  driver: 'local',
  options: null,
  labels: null,
  anonymous: false,
  container: null,
});
const remove = (name: string, incarnation = 1): VolumeCommand => ({
  type: 'remove-volume',
  name,
  incarnation,
});
const types = (decision: Decision): readonly string[] =>
  decision.kind === 'facts' ? decision.drafts.map(({ fact }) => fact.type) : [decision.kind];
const stateOf = (volumes: Volumes, incarnation: number) =>
  volumes.state(volumeStream({ name: 'data', incarnation }))?.value;

const mounted = (incarnation: number): ContainerCommand => ({
  ...(commands['create'] as Extract<ContainerCommand, { type: 'create' }>),
  mounts: [
    {
      type: 'volume',
      destination: '/d',
      readWrite: true,
      source: '',
      mode: 'z',
      propagation: '',
      volume: { name: 'data', incarnation },
    },
  ],
});

test('a volume is made, and then it is there', () => {
  const volumes = new Volumes();
  assert.deepEqual(types(volumes.ask(create('data'))), ['volume.create-requested']);
  assert.equal(volumes.ask(create('data')).kind, 'defer');
  assert.deepEqual(types(volumes.done()), ['volume.created']);
  assert.equal(volumes.ask(create('data')).kind, 'nothing');
});

test('one that could not be made is taken back, and its name is free', () => {
  const volumes = new Volumes();
  volumes.ask(create('data'));
  assert.deepEqual(types(volumes.done('no space left')), ['volume.create-failed']);
  assert.deepEqual(types(volumes.done()), ['volume.removed']);
  volumes.with('data');
  assert.equal(stateOf(volumes, 2), 'present');
});

test('a name can come again, as another volume', () => {
  const volumes = new Volumes().with('data');
  assert.deepEqual(types(volumes.ask(remove('data'))), ['volume.remove-requested']);
  assert.equal(volumes.ask(create('data')).kind, 'defer');
  volumes.done();
  volumes.with('data');
  assert.deepEqual([stateOf(volumes, 1), stateOf(volumes, 2)], ['removed', 'present']);
  assert.equal(volumes.ask(remove('data', 1)).kind, 'refused');
});

test('a removal that fails leaves it there, for everybody', () => {
  const volumes = new Volumes().with('data');
  volumes.ask(remove('data'));
  assert.deepEqual(types(volumes.done('device busy')), ['volume.remove-failed']);
  assert.equal(stateOf(volumes, 1), 'present');
  assert.equal(volumes.holder(volumeClaim({ name: 'data', incarnation: 1 })), undefined);
});

test('one that a container mounts is not removed', () => {
  const volumes = new Volumes().with('data');
  const input = { kind: 'command', command: mounted(1) } as const;
  assert.equal(volumes.decide(containerFamily, input).kind, 'facts');
  const refused = volumes.ask(remove('data'));
  const refusal = { kind: 'volume-in-use', name: 'data', containers: [ID] } as const;
  assert.deepEqual(refused, { kind: 'refused', refusal });
});

test('a container with a volume that was removed meanwhile is refused', () => {
  const volumes = new Volumes().with('data');
  volumes.ask(remove('data'));
  const input = { kind: 'command', command: mounted(1) } as const;
  const refusal = { kind: 'volume-gone', name: 'data' } as const;
  assert.deepEqual(volumes.decide(containerFamily, input), { kind: 'refused', refusal });
});

test('a share and the whole are claims on the same thing, so that the store sees both', () => {
  const volume = { name: 'data', incarnation: 3 };
  const share = volumeShare(volume, ID);
  assert.deepEqual(share, { kind: 'volume', key: `${volumeClaim(volume).key} ${ID}` });
});
