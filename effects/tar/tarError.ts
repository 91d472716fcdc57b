/** What was sent is no tar, or not all of one. The texts are those clients know. */
export class TarError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TarError';
  }
}
