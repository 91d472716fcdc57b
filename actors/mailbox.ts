/** One thing at a time, in order of arrival. A task that throws does not stop those behind it. */
export class Mailbox {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `task` after all that was posted before; settles as it does. */
  post<T>(task: () => Promise<T> | T): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
