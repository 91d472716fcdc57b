/** The archive is not one that can be loaded. The message goes to the user as it is. */
export class LoadError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LoadError';
  }
}
