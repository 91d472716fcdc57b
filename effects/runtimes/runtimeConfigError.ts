/** What is wrong with a configured runtime, in words for the one who wrote it. */
export class RuntimeConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RuntimeConfigError';
  }
}
