/**
 * Secret values, kept out of the facts so that they can be erased: a fact holds a salted digest,
 * the value lies here. An erased value leaves the chain whole, and a digest without its salt tells
 * nothing.
 */
import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { NewSecret } from './types.ts';

interface SecretRow {
  readonly value: string;
}

/** Hex SHA-256 of the salt's bytes followed by the value's UTF-8 bytes. `salt` is hex. */
export function secretDigest(salt: string, value: string): string {
  return createHash('sha256').update(Buffer.from(salt, 'hex')).update(value, 'utf8').digest('hex');
}

/**
 * Keeps a value. Throws if the digest is not the value's: the fact could never be matched with it.
 */
export function secretsWriter(db: Database): (secret: NewSecret) => void {
  const insert = db.prepare(
    'INSERT INTO secrets (digest, salt, value) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING',
  );
  return ({ digest, salt, value }) => {
    if (!/^([0-9a-f]{2})+$/.test(salt) || secretDigest(salt, value) !== digest) {
      throw new TypeError(`digest ${digest} is not that of its secret, or the salt is not hex`);
    }
    insert.run(digest, salt, value);
  };
}

/** Forgets a value within an append; copies in the write-ahead file go with its next checkpoint. */
export function secretsEraser(db: Database): (digest: string) => void {
  const remove = db.prepare<[string]>('DELETE FROM secrets WHERE digest = ?');
  return (digest) => void remove.run(digest);
}

/** Values by digest; an erased one is absent. */
export function secretsReader(
  db: Database,
): (digests: readonly string[]) => ReadonlyMap<string, string> {
  const find = db.prepare<[string], SecretRow>('SELECT value FROM secrets WHERE digest = ?');
  return (digests) => {
    const values = new Map<string, string>();
    for (const digest of digests) {
      const row = find.get(digest);
      if (row !== undefined) values.set(digest, row.value);
    }
    return values;
  };
}

/**
 * Deletes values and overwrites their bytes (`secure_delete` is on for the writer), in the
 * write-ahead file, too. Returns how many there were. Throws if another process keeps the
 * write-ahead file in use.
 */
export function eraseSecrets(db: Database, digests: readonly string[]): number {
  const remove = db.prepare('DELETE FROM secrets WHERE digest = ?');
  const erase = db.transaction(() =>
    digests.reduce((count, digest) => count + remove.run(digest).changes, 0),
  );
  const count = erase.immediate();
  const busy = db.pragma('wal_checkpoint(TRUNCATE)', { simple: true });
  if (busy !== 0) {
    throw new Error(
      'erased, but copies may remain in the write-ahead file: it is in use; try again',
    );
  }
  return count;
}
