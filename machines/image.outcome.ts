/** What the outcome of an image's effect means, and which fact ends which command. */
import type { Decision, Input, Settlement, View } from './decision.ts';
import { imageClaim, imageOfStream, imageStream, referenceClaim } from './image.claims.ts';
import type { ImageCommand } from './image.commands.ts';
import { facts, takenFrom } from './image.decide.ts';
import type { ImageFact, ImageOrigin } from './image.facts.ts';
import type { ImageContext } from './image.machine.ts';
import type { Fact, JsonObject, JsonValue, StreamName } from './words.ts';

type Outcome = Extract<Input, { kind: 'outcome' }>;

export function decideImageOutcome(view: View, { stream, effect, result }: Outcome): Decision {
  const own = (fact: ImageFact): Decision => facts([{ stream, fact }]);
  const message = result.ok ? '' : result.error.message;
  switch (effect.type) {
    case 'image.publish':
      return result.ok
        ? loaded(view, stream, effect.params['origin'])
        : own({ type: 'image.load-failed', data: { message } });
    case 'image.tag':
    case 'image.untag':
      return own(settledReference(effect.params, result.ok ? null : message));
    case 'image.remove':
      return result.ok
        ? facts([
            { stream, fact: { type: 'image.removed', data: {} }, erase: secretsOf(view, stream) },
          ])
        : own({ type: 'image.remove-failed', data: { message } });
    default:
      return { kind: 'nothing' };
  }
}

/** Nobody can ask for its environment any more. */
function secretsOf(view: View, stream: StreamName): readonly string[] {
  const { env = [] } = (view.state(stream)?.context ?? {}) as Partial<ImageContext>;
  return env.map(({ digest }) => digest);
}

function settledReference(params: JsonObject, message: string | null): ImageFact {
  const reference = String(params['reference']);
  return message === null
    ? { type: 'image.reference-settled', data: { reference } }
    : { type: 'image.reference-failed', data: { reference, message } };
}

/** The references are this image's from now on, and containers can be made of it. */
function loaded(view: View, stream: StreamName, origin: JsonValue | undefined): Decision {
  const id = imageOfStream(stream);
  const context = view.state(stream)?.context as ImageContext | undefined;
  const references = context?.references ?? [];
  const data = { references, ...(origin === undefined ? {} : { origin: origin as ImageOrigin }) };
  const fact: ImageFact = { type: 'image.loaded', data };
  const take = references.map(referenceClaim);
  const moved = takenFrom(view, id, references);
  return facts([...moved, { stream, fact, take, free: [imageClaim(id)] }]);
}

/** Whether `given` is what the command was to lead to. */
export function settlesImage(
  command: ImageCommand,
  given: Fact,
  stream: StreamName,
): Settlement | undefined {
  const fact = given as ImageFact;
  switch (command.type) {
    case 'load-image':
      return settlesLoad(command, fact, stream);
    case 'tag-image':
      return stream === imageStream(command.id)
        ? settlesReference(fact, command.reference)
        : undefined;
    case 'remove-image':
      return stream === imageStream(command.id) ? settlesRemoval(command, fact) : undefined;
    case 'note-image-saved':
      return fact.type === 'image.saved' ? { kind: 'done' } : undefined;
    default:
      return command satisfies never;
  }
}

/** They are published one after the other, in this order: with the last all are done. */
function settlesLoad(
  { images }: Extract<ImageCommand, { type: 'load-image' }>,
  fact: ImageFact,
  stream: StreamName,
): Settlement | undefined {
  const index = images.findIndex(({ image }) => imageStream(image.id) === stream);
  if (index < 0) return undefined;
  if (fact.type === 'image.loaded') {
    return index === images.length - 1 ? { kind: 'done' } : undefined;
  }
  if (fact.type !== 'image.load-failed') return undefined;
  return { kind: 'refused', refusal: { kind: 'image-load-failed', message: fact.data.message } };
}

function settlesReference(fact: ImageFact, reference: string): Settlement | undefined {
  if (fact.type === 'image.reference-settled' && fact.data.reference === reference) {
    return { kind: 'done' };
  }
  if (fact.type !== 'image.reference-failed' || fact.data.reference !== reference) return undefined;
  return changeFailed(fact.data.message);
}

function settlesRemoval(
  { references }: Extract<ImageCommand, { type: 'remove-image' }>,
  fact: ImageFact,
): Settlement | undefined {
  if (fact.type === 'image.removed') return { kind: 'done' };
  if (fact.type === 'image.remove-failed') return changeFailed(fact.data.message);
  return settlesReference(fact, references?.at(-1) ?? '');
}

const changeFailed = (message: string): Settlement => ({
  kind: 'refused',
  refusal: { kind: 'image-change-failed', message },
});
