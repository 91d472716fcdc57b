/**
 * What keeps a daemon from starting and is for the one who starts it to change: told in a line,
 * without a stack, which would look like a bug of ours.
 */
export class StartRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartRefused';
  }
}
