/**
 * The loaded images and what points to them. A load is asked for with all its data, which stays
 * `pending` until `image.loaded` makes it the image; a reference belongs to one image at a time and
 * goes to the one that took it last. Of a removed image the document stays, for its old events.
 */
import type { Database } from 'better-sqlite3';
import type { ImageFact, StagedImage } from '../machines/image.facts.ts';
import { asImageFact, type FoldedFact, idOfStream, type Projection } from './projection.ts';
import { batched } from './table.ts';
import type { ImageQueries, ImageView } from './views.ts';

export const imagesProjection: Projection = {
  name: 'images',
  version: 2,
  schema: [
    `CREATE TABLE p_images (
      id TEXT PRIMARY KEY,
      position INTEGER NOT NULL,
      loaded_position INTEGER,
      loaded_ns INTEGER,
      tagged_ns INTEGER,
      removed INTEGER NOT NULL DEFAULT 0,
      document TEXT,
      pending TEXT
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE p_image_references (
      reference TEXT PRIMARY KEY,
      image_id TEXT NOT NULL
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX p_image_references_image ON p_image_references (image_id)',
  ],
  drop: ['DROP TABLE IF EXISTS p_images', 'DROP TABLE IF EXISTS p_image_references'],
  folds: ['image.'],
  prepare(db) {
    const fold = prepareFold(db);
    return batched([], (stored) => {
      const fact = asImageFact(stored);
      if (fact !== undefined) fold(stored, fact);
    });
  },
};

/** `sha256:<hex>`, whether the stream's name holds the algorithm or not. */
export function imageIdOfStream(stream: string): string {
  const id = idOfStream(stream);
  return id.startsWith('sha256:') ? id : `sha256:${id}`;
}

/**
 * Each statement tells by `changes` whether the fact is new; one that comes again changes nothing.
 */
function prepareFold(db: Database): (stored: FoldedFact, fact: ImageFact) => void {
  const stage = db.prepare(`INSERT INTO p_images (id, position, pending)
    VALUES (:id, :position, :pending)
    ON CONFLICT (id) DO UPDATE SET position = excluded.position, pending = excluded.pending
      WHERE position < excluded.position`);
  const publish = db.prepare(`UPDATE p_images SET position = :position, pending = NULL,
      document = coalesce(pending, document), loaded_position = :position, loaded_ns = :atNs,
      tagged_ns = :atNs, removed = 0
    WHERE id = :id AND position < :position`);
  const drop = db.prepare(
    `UPDATE p_images SET position = :position, pending = NULL
      WHERE id = :id AND position < :position`,
  );
  const note = db.prepare(
    'UPDATE p_images SET position = :position WHERE id = :id AND position < :position',
  );
  const touch = db.prepare(`UPDATE p_images SET position = :position, tagged_ns = :atNs
    WHERE id = :id AND position < :position`);
  const remove = db.prepare(`UPDATE p_images SET position = :position, removed = 1
    WHERE id = :id AND position < :position`);
  const tag = db.prepare(`INSERT INTO p_image_references (reference, image_id) VALUES (?, ?)
    ON CONFLICT (reference) DO UPDATE SET image_id = excluded.image_id`);
  const untag = db.prepare('DELETE FROM p_image_references WHERE reference = ? AND image_id = ?');
  return (stored, fact) => {
    const key = { id: imageIdOfStream(stored.stream), position: stored.position };
    switch (fact.type) {
      case 'image.load-requested': {
        const { lease: _, origin: __, ...image } = fact.data;
        return void stage.run({ ...key, pending: JSON.stringify(image) });
      }
      case 'image.loaded': {
        if (publish.run({ ...key, atNs: stored.atNs }).changes === 0) return;
        for (const reference of fact.data.references) tag.run(reference, key.id);
        return;
      }
      case 'image.load-failed':
        return void drop.run(key);
      case 'image.tagged': {
        if (touch.run({ ...key, atNs: stored.atNs }).changes > 0)
          tag.run(fact.data.reference, key.id);
        return;
      }
      case 'image.untagged': {
        if (note.run(key).changes > 0) untag.run(fact.data.reference, key.id);
        return;
      }
      case 'image.removed':
        return void remove.run(key);
      case 'image.reference-settled':
      case 'image.reference-failed':
      case 'image.remove-requested':
      case 'image.remove-failed':
      case 'image.saved':
        return void note.run(key);
      default:
        return fact satisfies never;
    }
  };
}

interface ImageRow {
  readonly id: string;
  readonly document: string;
  readonly loaded_ns: bigint;
  readonly tagged_ns: bigint;
}

/**
 * Prepares all statements; the tables must exist. Only loaded images are seen, newest load first.
 */
export function openImageQueries(db: Database): ImageQueries {
  const ever = 'SELECT id, document, loaded_ns, tagged_ns FROM p_images WHERE document IS NOT NULL';
  const columns = `${ever} AND removed = 0`;
  const all = db.prepare<[], ImageRow>(`${columns} ORDER BY loaded_position DESC`).safeIntegers();
  const byPrefix = db
    .prepare<[string, string], ImageRow>(`${columns} AND id >= ? AND id < ? || 'g' LIMIT 2`)
    .safeIntegers();
  const byFullId = db.prepare<[string], ImageRow>(`${ever} AND id = ?`).safeIntegers();
  const holder = db
    .prepare<[string], string>('SELECT image_id FROM p_image_references WHERE reference = ?')
    .pluck();
  const tags = db
    .prepare<[string], string>(
      'SELECT reference FROM p_image_references WHERE image_id = ? ORDER BY reference',
    )
    .pluck();
  const toView = (row: ImageRow): ImageView => ({
    ...(JSON.parse(row.document) as StagedImage),
    id: row.id,
    tags: tags.all(row.id),
    loadedNs: row.loaded_ns,
    taggedNs: row.tagged_ns,
  });
  const byId: ImageQueries['byId'] = (idOrPrefix) => {
    const hex = idOrPrefix.startsWith('sha256:') ? idOrPrefix.slice(7) : idOrPrefix;
    if (!/^[0-9a-f]+$/.test(hex)) return undefined;
    const [first, second] = byPrefix.all(`sha256:${hex}`, `sha256:${hex}`);
    if (first === undefined) return undefined;
    return second === undefined ? toView(first) : 'ambiguous';
  };
  return {
    list: () => all.all().map(toView),
    byReference: (reference) => {
      const found = byId(holder.get(reference) ?? reference);
      return found === 'ambiguous' ? undefined : found;
    },
    byId,
    get: (id) => {
      const row = byFullId.get(id);
      return row === undefined ? undefined : toView(row);
    },
  };
}
