/** What is wrong with a flag or with the configuration file, in words for the one who wrote it. */
export class OptionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OptionError';
  }
}
