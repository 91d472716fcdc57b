/**
 * The images of the facade: what the stager has put aside under a lease becomes an image by a
 * command, so that it is there once its facts are. All images of an archive are one command: they
 * are loaded together or not at all.
 */
import type { Readable } from 'node:stream';
import type { ImageCommand } from '../../machines/image.commands.ts';
import type { ImageOrigin, StagedImage } from '../../machines/image.facts.ts';
import { refusalError } from '../errors.ts';
import type {
  Ambient,
  CommandOutcome,
  CommitWishes,
  ImageStore,
  ImportedTar,
  LoadMessage,
  RequestInfo,
  SavedImage,
} from '../ports.ts';
import { withoutEnvironment } from './environment.ts';

type Leased = StagedImage & { readonly lease: string };

export interface StorePorts {
  stage(archive: Readable, signal: AbortSignal): Promise<readonly Leased[]>;
  stageTar(tar: Readable, asked: ImportedTar, signal: AbortSignal): Promise<Leased>;
  stageCommit(wishes: CommitWishes, signal: AbortSignal): Promise<Leased>;
  /** Lets go of what was staged under the lease. */
  discard(lease: string): Promise<void>;
  read(images: readonly SavedImage[], signal: AbortSignal): AsyncIterable<Buffer>;
  submit(command: ImageCommand, request: RequestInfo): Promise<CommandOutcome>;
  pruned(reclaimed: number): Promise<void>;
  /** For the salts. */
  readonly ambient: Ambient;
}

export function createImageStore(ports: StorePorts): ImageStore {
  const publish = async (staged: readonly Leased[], origin: ImageOrigin, request: RequestInfo) => {
    if (staged.length === 0) return;
    const images = staged.map(({ lease, ...image }) => ({
      ...withoutEnvironment(image, ports.ambient),
      lease,
    }));
    const outcome = await ports.submit({ type: 'load-image', images, origin }, request);
    if (outcome.kind !== 'refused') return;
    // What was accepted is published still; only what never was must not wait for its lease's end.
    if (outcome.refusal.kind !== 'deadline') {
      for (const { lease } of staged) await ports.discard(lease);
    }
    throw refusalError(outcome.refusal, { command: 'load', ref: staged[0]?.id ?? '' });
  };
  return {
    async *load(archive, request, signal) {
      const staged = await ports.stage(archive, signal);
      await publish(staged, 'load', request);
      for (const image of staged) yield* messagesOf(image);
    },
    async import(tar, asked, request, signal) {
      const staged = await ports.stageTar(tar, asked, signal);
      await publish([staged], 'import', request);
      return staged.id;
    },
    async commit(wishes, request, signal) {
      const staged = await ports.stageCommit(wishes, signal);
      await publish([staged], 'commit', request);
      return staged.id;
    },
    async *save(images, request, signal) {
      yield* ports.read(images, signal);
      const ids = images.map(({ image }) => image.id);
      await ports.submit({ type: 'note-image-saved', ids }, request);
    },
    submit: (command, request) => ports.submit(command, request),
    pruned: (reclaimed) => ports.pruned(reclaimed),
  };
}

function messagesOf({ id, references }: StagedImage): readonly LoadMessage[] {
  if (references.length === 0) return [{ kind: 'loaded-id', id }];
  return references.map((reference) => ({ kind: 'loaded', reference }));
}
