/** Why something could not be copied, in docker's words; the facade gives each kind its status. */
export type ArchiveErrorKind =
  /** Nothing lies at the path. */
  | 'not-found'
  /** There is no such container any more. */
  | 'gone'
  /** What was asked for makes no sense: not a directory, not a tar, a name that leads out. */
  | 'invalid'
  | 'read-only'
  | 'refused'
  | 'failed';

export class ArchiveError extends Error {
  readonly kind: ArchiveErrorKind;

  constructor(kind: ArchiveErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArchiveError';
    this.kind = kind;
  }
}
