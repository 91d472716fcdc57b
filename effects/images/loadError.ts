/** The archive is not one that can be loaded. The message goes to the user as it is. */
export class LoadError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LoadError';
  }
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^unexpected end of (file|data)/i, 'unexpected EOF'],
  [/^invalid tar header/i, 'archive/tar: invalid tar header'],
];

/** What a reader of tars or of compressed data says, in the words that clients know. */
export function damageOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return WORDS.find(([pattern]) => pattern.test(said))?.[1] ?? said;
}
