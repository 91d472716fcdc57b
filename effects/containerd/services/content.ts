/**
 * The content store: blobs by digest. A blob that nothing refers to is garbage: write under a
 * lease.
 */
import type { Channel, UploadStream } from '../channel.ts';
import { ContainerdError, isContainerdError } from '../errors.ts';
import { Objects } from '../objects.ts';
import { method } from '../proto.ts';
import type { WireTimestamp } from '../timestamps.ts';
import { toNs } from '../timestamps.ts';
import type { CallOptions, ContentInfo, Labels, NewContent } from '../types.ts';
import { labelMask } from '../wire.ts';

interface WireInfo {
  readonly digest: string;
  readonly size: string;
  readonly created_at: WireTimestamp | null;
  readonly updated_at: WireTimestamp | null;
  readonly labels: Labels;
}

export interface Content {
  /** @throws ContainerdError `not-found` */
  info(digest: string, options?: CallOptions): Promise<ContentInfo>;
  /**
   * Stores a blob; when it is there already, this only sets the labels.
   * @throws ContainerdError `failed-precondition` when digest or size differ, `unavailable` while
   *   another writer has the ref.
   */
  write(content: NewContent, options?: CallOptions): Promise<void>;
  /** In pieces, at the reader's pace. */
  read(digest: string, options?: CallOptions): AsyncIterable<Buffer>;
  /** Whole; @throws ContainerdError `resource-exhausted` when larger than `limit` bytes (1 MiB). */
  readAll(digest: string, options?: CallOptions & { readonly limit?: number }): Promise<Buffer>;
  /** Sets single labels; an empty value takes the label away. */
  update(digest: string, labels: Labels, options?: CallOptions): Promise<ContentInfo>;
  list(filters?: readonly string[], options?: CallOptions): Promise<ContentInfo[]>;
  delete(digest: string, options?: CallOptions): Promise<void>;
}

const of = (name: string) => method('content.v1.Content', name);
const pieceBytes = 1024 * 1024;
/** For each answer of an upload; the last one waits for fsync. */
const answerMs = 60_000;

export function content(channel: Channel): Content {
  type One = { readonly info: WireInfo };
  const blobs = new Objects(channel);
  const update: Content['update'] = async (digest, labels, options) => {
    const request = { info: { digest, labels }, update_mask: labelMask(labels) };
    return fromInfo((await blobs.change<One>(digest, of('Update'), request, options)).info);
  };
  return {
    ...reading(channel),
    update,
    async info(digest, options) {
      return fromInfo((await blobs.look<One>(digest, of('Info'), { digest }, options)).info);
    },
    async write(blob, options = {}) {
      try {
        await upload(channel, blob, options);
      } catch (error) {
        if (!isContainerdError(error, 'already-exists')) throw error;
        await update(blob.digest, blob.labels ?? {}, options);
      }
    },
    async delete(digest, options) {
      await blobs.change(digest, of('Delete'), { digest }, options);
    },
  };
}

function reading(channel: Channel): Pick<Content, 'read' | 'readAll' | 'list'> {
  const read = async function* (digest: string, options?: CallOptions): AsyncIterable<Buffer> {
    type Piece = { readonly data: Buffer };
    for await (const piece of channel.stream<Piece>(of('Read'), { digest }, options)) {
      yield piece.data;
    }
  };
  return {
    read,
    async readAll(digest, options = {}) {
      const limit = options.limit ?? pieceBytes;
      const pieces: Buffer[] = [];
      let size = 0;
      for await (const piece of read(digest, options)) {
        size += piece.length;
        if (size > limit) {
          throw new ContainerdError('resource-exhausted', `${digest}: more than ${limit} bytes`);
        }
        pieces.push(piece);
      }
      if (options.signal?.aborted) throw new ContainerdError('cancelled', `${digest}: aborted`);
      return Buffer.concat(pieces);
    },
    async list(filters = [], options) {
      type Page = { readonly info: readonly WireInfo[] };
      const found: ContentInfo[] = [];
      for await (const page of channel.stream<Page>(of('List'), { filters }, options)) {
        found.push(...page.info.map(fromInfo));
      }
      return found;
    },
  };
}

/** STAT locks the ref and tells how much is there; WRITE in pieces; COMMIT checks the digest. */
async function upload(channel: Channel, blob: NewContent, options: CallOptions): Promise<void> {
  const stream = channel.upload(of('Write'), options, answerMs);
  const common = { ref: blob.ref, total: blob.size, expected: blob.digest };
  try {
    const stat = { action: 'STAT', ...common };
    const begun = (await stream.exchange(stat)) as { readonly offset: string };
    const offset = await sendPieces(stream, blob, Number(begun.offset));
    const labels = blob.labels ?? {};
    await stream.exchange({ action: 'COMMIT', ...common, offset, labels });
  } finally {
    stream.close();
  }
}

/** Skips what an earlier try has left there. @returns offset after the last byte. */
async function sendPieces(stream: UploadStream, blob: NewContent, have: number): Promise<number> {
  let seen = 0;
  let sent = have;
  for await (const chunk of blob.chunks) {
    const skip = Math.min(Math.max(have - seen, 0), chunk.length);
    seen += chunk.length;
    for (let at = skip; at < chunk.length; at += pieceBytes) {
      const data = chunk.subarray(at, at + pieceBytes);
      await stream.exchange({ action: 'WRITE', ref: blob.ref, offset: sent, data });
      sent += data.length;
    }
  }
  return sent;
}

function fromInfo(wire: WireInfo): ContentInfo {
  return {
    digest: wire.digest,
    size: Number(wire.size),
    labels: wire.labels,
    createdAtNs: toNs(wire.created_at),
    updatedAtNs: toNs(wire.updated_at),
  };
}
