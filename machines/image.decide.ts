/**
 * Which command of an image leads to which fact. Every (state, command) has an answer. dockerd's
 * rules of `docker rmi`: by a reference only that one goes, and the image with its last; by an id
 * all of them go, but more than one only by force. A running container keeps its image against
 * everything; a stopped one keeps it unless it is removed by force.
 */
import { containerStream, phaseOf } from './container.decide.ts';
import type { Decision, View } from './decision.ts';
import { imageClaim, imageStream, referenceClaim } from './image.claims.ts';
import type { ImageCommand, ImageRefusal } from './image.commands.ts';
import type { ImageFact } from './image.facts.ts';
import type { ImageContext } from './image.machine.ts';
import type { Draft } from './words.ts';

export const facts = (drafts: readonly Draft<ImageFact>[]): Decision => ({ kind: 'facts', drafts });
const refuse = (refusal: ImageRefusal): Decision => ({ kind: 'refused', refusal });

type Asked<T extends ImageCommand['type']> = Extract<ImageCommand, { type: T }>;

export function decideImage(view: View, command: ImageCommand): Decision {
  switch (command.type) {
    case 'load-image':
      return load(view, command);
    case 'tag-image':
      return whenPresent(view, command.id, () => tag(view, command));
    case 'remove-image':
      return whenPresent(view, command.id, (context) => remove(view, context, command));
    case 'note-image-saved':
      return saved(view, command);
    default:
      return command satisfies never;
  }
}

/** A step that is under way ends by itself, and has a deadline. */
const underWay = (view: View, id: string): string | undefined => {
  const value = view.state(imageStream(id))?.value;
  return value === 'loading' || value === 'removing' ? value : undefined;
};

function whenPresent(view: View, id: string, then: (context: ImageContext) => Decision): Decision {
  const state = view.state(imageStream(id));
  if (state === undefined || state.value === 'removed') {
    return refuse({ kind: 'no-such-image', ref: id });
  }
  const waitingFor = underWay(view, id);
  return waitingFor === undefined
    ? then(state.context as ImageContext)
    : { kind: 'defer', waitingFor };
}

/** An image that is loaded again has the environment it had: its id is a digest over it. */
function environmentOf(view: View, id: string) {
  const state = view.state(imageStream(id));
  if (state === undefined || state.value === 'removed') return undefined;
  const { env } = state.context as ImageContext;
  return env === undefined ? undefined : { image: id, env };
}

function load(view: View, { images, origin }: Asked<'load-image'>): Decision {
  const busy = images.flatMap(({ image }) => underWay(view, image.id) ?? []);
  if (busy[0] !== undefined) return { kind: 'defer', waitingFor: busy[0] };
  const known = new Set(images.flatMap(({ image }) => environmentOf(view, image.id)?.image ?? []));
  const drafts = images.map(({ image, lease }): Draft<ImageFact> => {
    const env = environmentOf(view, image.id)?.env ?? image.env;
    const data = { ...image, ...(env === undefined ? {} : { env }), lease, origin };
    return { stream: imageStream(image.id), fact: { type: 'image.load-requested', data } };
  });
  const secrets = images
    .filter(({ image }) => !known.has(image.id))
    .flatMap((one) => one.secrets ?? []);
  return { kind: 'facts', drafts, secrets };
}

function tag(view: View, { id, reference }: Asked<'tag-image'>): Decision {
  const stream = imageStream(id);
  const fact: ImageFact = { type: 'image.tagged', data: { reference } };
  const take = [referenceClaim(reference)];
  return facts([...takenFrom(view, id, [reference]), { stream, fact, take }]);
}

/** Whoever has the references loses them in the same append in which `id` gets them. */
export function takenFrom(
  view: View,
  id: string,
  references: readonly string[],
): Draft<ImageFact>[] {
  return references.flatMap((reference): Draft<ImageFact>[] => {
    const claim = referenceClaim(reference);
    const holder = view.holder(claim);
    if (holder === undefined || holder === imageStream(id)) return [];
    const fact: ImageFact = { type: 'image.untagged', data: { reference } };
    return [{ stream: holder, fact, free: [claim] }];
  });
}

interface Users {
  readonly all: readonly string[];
  readonly running: readonly string[];
}

/** Phases without a process, and without one to come by itself. */
const AT_REST = ['absent', 'creating', 'created', 'exited', 'removing', 'removed'];

/** Containers made of the image. */
function usersOf(view: View, id: string): Users {
  const streams = view.sharers(imageClaim(id));
  const all = streams.map((stream) => stream.slice('container/'.length));
  return { all, running: all.filter((one) => isRunning(view, one)) };
}

function isRunning(view: View, container: string): boolean {
  const [phase = ''] = phaseOf(view.state(containerStream(container))).split('.');
  return !AT_REST.includes(phase);
}

function remove(view: View, context: ImageContext, command: Asked<'remove-image'>): Decision {
  const users = usersOf(view, command.id);
  const { references } = command;
  return references === null
    ? removeById(context, command, users)
    : removeByReference(context, { ...command, references }, users);
}

function removeById(
  { tags }: ImageContext,
  { id: image, force }: Asked<'remove-image'>,
  users: Users,
): Decision {
  const inUse = (container: string, running: boolean) =>
    refuse({ kind: 'image-in-use', image, container, running });
  const [running] = users.running;
  if (running !== undefined) return inUse(running, true);
  if (!force && tags.length > 1) return refuse({ kind: 'image-in-repositories', image });
  const [stopped] = users.all;
  if (!force && stopped !== undefined) return inUse(stopped, false);
  return facts([...untagged(image, tags, 'removal'), removal(image, users)]);
}

function removeByReference(
  { tags }: ImageContext,
  {
    id: image,
    references,
    given,
    force,
  }: Asked<'remove-image'> & { references: readonly string[] },
  users: Users,
): Decision {
  // One that moved on between the request and now is not there for this image.
  if (references.length === 0 || !references.every((reference) => tags.includes(reference))) {
    return refuse({ kind: 'no-such-image', ref: given });
  }
  const isLast = tags.every((one) => references.includes(one));
  const [container] = users.all;
  if (isLast && !force && container !== undefined) {
    return refuse({ kind: 'image-reference-in-use', reference: given, image, container });
  }
  // By force a running container loses the name of its image, but never the image.
  if (!isLast || users.running.length > 0) return facts(untagged(image, references, 'untag'));
  return facts([...untagged(image, references, 'removal'), removal(image, users)]);
}

function untagged(
  id: string,
  references: readonly string[],
  by: 'untag' | 'removal',
): Draft<ImageFact>[] {
  return references.map((reference) => ({
    stream: imageStream(id),
    fact: { type: 'image.untagged', data: { reference, by } },
    free: [referenceClaim(reference)],
  }));
}

/** Without users the whole is taken: a create in the same loop turn must not slip in. */
function removal(id: string, users: Users): Draft<ImageFact> {
  const take = users.all.length === 0 ? [imageClaim(id)] : [];
  return { stream: imageStream(id), fact: { type: 'image.remove-requested', data: {} }, take };
}

function saved(view: View, { ids }: Asked<'note-image-saved'>): Decision {
  const there = ids.filter((id) => {
    const value = view.state(imageStream(id))?.value ?? 'removed';
    return value !== 'removed';
  });
  if (there.length === 0) return { kind: 'nothing' };
  return facts(
    there.map((id) => ({ stream: imageStream(id), fact: { type: 'image.saved', data: {} } })),
  );
}
