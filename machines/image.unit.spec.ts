/** Given what images, containers and claims there are, what a command about an image leads to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameClaim } from './container.decide.ts';
import { containerFamily } from './container.family.ts';
import type { Decision, Input, View } from './decision.ts';
import { imageClaim, imageShare, imageStream, referenceClaim } from './image.claims.ts';
import type { ImageCommand } from './image.commands.ts';
import { imageFamily } from './image.family.ts';
import { commands, ID, stagedImage } from './samples.fixture.ts';
import type { ActorState, Claim, Effect } from './words.ts';

const ONE = stagedImage.id;
const TWO = `sha256:${'9'.repeat(64)}`;
const LATEST = 'docker.io/library/busybox:latest';
const OTHER = 'docker.io/library/other:1';

/** A log of images alone: folds facts, keeps claims, remembers effects. */
class Images implements View {
  readonly states = new Map<string, ActorState>();
  readonly claims = new Map<string, string>();
  readonly effects: Effect[] = [];

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

  take(stream: string, ...claims: readonly Claim[]): this {
    for (const { kind, key } of claims) this.claims.set(`${kind} ${key}`, stream);
    return this;
  }

  decide(input: Input<ImageCommand>): Decision {
    const decision = imageFamily.decide(this, input);
    if (decision.kind !== 'facts') return decision;
    for (const { stream, fact, take = [], free = [] } of decision.drafts) {
      const stepped = imageFamily.kindOf(stream).fold(this.state(stream), fact);
      this.states.set(stream, stepped.state);
      this.effects.push(...stepped.effects);
      for (const claim of free) {
        if (this.holder(claim) === stream) this.claims.delete(`${claim.kind} ${claim.key}`);
      }
      this.take(stream, ...take);
    }
    return decision;
  }

  ask(command: ImageCommand): Decision {
    return this.decide({ kind: 'command', command });
  }

  /** The outcome of the oldest effect that was asked for. */
  done(failure?: string): Decision {
    const effect = this.effects.shift() as Effect<'image.tag', { id: string }> | undefined;
    assert.ok(effect);
    const error = { kind: 'failed', message: failure ?? '' } as const;
    const result =
      failure === undefined ? ({ ok: true, data: {} } as const) : ({ ok: false, error } as const);
    const stream = imageStream(effect.params.id);
    return this.decide({ kind: 'outcome', stream, effect, result });
  }

  load(id: string, ...references: readonly string[]): this {
    const image = { ...stagedImage, id, references };
    this.ask({ type: 'load-image', images: [{ image, lease: 'l' }], origin: 'load' });
    this.done();
    return this;
  }
}

const told = (decision: Decision): readonly string[] =>
  decision.kind === 'facts'
    ? decision.drafts.map(({ fact }) => fact.type.slice('image.'.length))
    : [decision.kind === 'refused' ? decision.refusal.kind : decision.kind];

const remove = (references: readonly string[] | null, force = false): ImageCommand => {
  return { type: 'remove-image', id: ONE, references, given: 'busybox', force };
};
const types = (images: Images): string[] => images.effects.map(({ type }) => type);

test('all images of an archive are asked for at once, and done with the last', () => {
  const images = new Images();
  const command: ImageCommand = {
    type: 'load-image',
    images: [ONE, TWO].map((id) => ({ image: { ...stagedImage, id }, lease: `l-${id}` })),
    origin: 'import',
  };
  assert.deepEqual(told(images.ask(command)), ['load-requested', 'load-requested']);
  const settled = () => {
    const decision = images.done();
    assert.ok(decision.kind === 'facts');
    return decision.drafts.map(({ fact, stream }) => imageFamily.settles(command, fact, stream));
  };
  assert.deepEqual(settled(), [undefined]);
  // The reference moves from the first to the second in the append that ends the command.
  assert.deepEqual(settled(), [undefined, { kind: 'done' }]);
  assert.equal(images.holder(referenceClaim(LATEST)), imageStream(TWO));
});

test('a tag takes the reference from whoever has it, and asks for its record', () => {
  const images = new Images().load(ONE, LATEST).load(TWO, OTHER);
  const decision = images.ask({ type: 'tag-image', id: ONE, reference: OTHER });
  assert.deepEqual(told(decision), ['untagged', 'tagged']);
  assert.deepEqual(types(images), ['image.tag']);
  assert.equal(images.holder(referenceClaim(OTHER)), imageStream(ONE));
  assert.deepEqual(told(images.done()), ['reference-settled']);
});

test('by a reference only that one goes, while there are others', () => {
  const images = new Images().load(ONE, LATEST, OTHER);
  images.take('container/1', imageShare(ONE, '1'));
  assert.deepEqual(told(images.ask(remove([OTHER]))), ['untagged']);
  assert.deepEqual(types(images), ['image.untag']);
  assert.equal(images.holder(referenceClaim(OTHER)), undefined);
});

test('the last reference takes the image along, with its records in one effect', () => {
  const images = new Images().load(ONE, LATEST);
  assert.deepEqual(told(images.ask(remove([LATEST]))), ['untagged', 'remove-requested']);
  assert.deepEqual(types(images), ['image.remove']);
  assert.equal(images.holder(imageClaim(ONE)), imageStream(ONE), 'nobody can be made of it');
  assert.deepEqual(told(images.done()), ['removed']);
  images.load(ONE, LATEST);
  assert.equal(images.holder(imageClaim(ONE)), undefined, 'and again they can');
});

test('a stopped container keeps the last reference and the image, but not by force', () => {
  const images = new Images().load(ONE, LATEST).take('container/1', imageShare(ONE, '1'));
  images.states.set('container/1', { value: { exited: 'cleaning' }, context: {} });
  assert.deepEqual(told(images.ask(remove([LATEST]))), ['image-reference-in-use']);
  assert.deepEqual(told(images.ask(remove(null))), ['image-in-use']);
  assert.deepEqual(told(images.ask(remove(null, true))), ['untagged', 'remove-requested']);
});

test('a running container keeps the image against force, and loses only its name', () => {
  const images = new Images().load(ONE, LATEST);
  images.take('container/1', imageShare(ONE, '1'));
  images.states.set('container/1', { value: 'paused', context: {} });
  assert.deepEqual(images.ask(remove(null, true)), {
    kind: 'refused',
    refusal: { kind: 'image-in-use', image: ONE, container: '1', running: true },
  });
  assert.deepEqual(told(images.ask(remove([LATEST], true))), ['untagged']);
});

test('by the id several references go only by force', () => {
  const images = new Images().load(ONE, LATEST, OTHER);
  assert.deepEqual(told(images.ask(remove(null))), ['image-in-repositories']);
  const decision = images.ask(remove(null, true));
  assert.deepEqual(told(decision), ['untagged', 'untagged', 'remove-requested']);
});

test('what came to nothing in the world can be asked for again', () => {
  const images = new Images().load(ONE, LATEST);
  images.ask(remove([LATEST]));
  assert.deepEqual(told(images.done('read-only')), ['remove-failed']);
  assert.deepEqual(told(images.ask(remove(null))), ['remove-requested']);
});

test('a reference that moved on is not removed from the image that had it', () => {
  const images = new Images().load(ONE, LATEST).load(TWO, LATEST);
  assert.deepEqual(told(images.ask(remove([LATEST]))), ['no-such-image']);
});

test('a removal that a new container forestalls is told as in use', () => {
  assert.deepEqual(imageFamily.claimRefused(imageClaim(ONE), 'container/1'), {
    kind: 'image-in-use',
    image: ONE,
    container: '1',
    running: false,
  });
});

test('a container has a share of its image from create on, and none is made of a lost one', () => {
  const [create] = Object.values(commands);
  assert.ok(create?.type === 'create');
  const decision = containerFamily.decide(new Images(), { kind: 'command', command: create });
  assert.ok(decision.kind === 'facts');
  const share = imageShare(create.image.id, ID);
  assert.deepEqual(decision.drafts[0]?.take, [nameClaim('web'), share]);
  assert.deepEqual(containerFamily.claimRefused(share, imageStream(ONE)), {
    kind: 'no-such-image',
    ref: ONE,
  });
});

test('the environment is in no row: digests are, once, and are erased with the image', () => {
  const images = new Images();
  const secretOf = (digest: string) => ({
    ref: { name: 'KEY', digest },
    salt: '00',
    value: 'hidden',
  });
  const staged = (digest: string): ImageCommand => ({
    type: 'load-image',
    images: [
      {
        image: { ...stagedImage, id: ONE, env: [secretOf(digest).ref] },
        secrets: [secretOf(digest)],
        lease: 'l',
      },
    ],
    origin: 'commit',
  });
  const first = images.ask(staged('d1'));
  assert.ok(first.kind === 'facts');
  assert.deepEqual(first.secrets, [secretOf('d1')]);
  assert.doesNotMatch(JSON.stringify(first.drafts), /hidden/);
  images.done();
  const again = images.ask(staged('d2'));
  assert.ok(again.kind === 'facts');
  assert.deepEqual(again.secrets, [], 'those of the first load are there still');
  assert.match(JSON.stringify(again.drafts), /"env":\[\{"name":"KEY","digest":"d1"\}\]/);
  images.done();
  images.ask(remove(null, true));
  const gone = images.done();
  assert.ok(gone.kind === 'facts');
  assert.deepEqual(
    gone.drafts.flatMap(({ erase = [] }) => erase),
    ['d1'],
  );
});
