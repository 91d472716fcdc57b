/**
 * Changes that nobody waits for any more, by the name of what they change. containerd carries out a
 * transaction of its database that has reached it, however late: to cancel the call ends the
 * waiting and nothing else. So whoever looks at the same thing, or changes it, comes after it. If
 * not, the undo of a try that was broken off would look and find nothing, and what the try has
 * asked for would come then, and stay.
 */
interface Late {
  readonly name: string;
  /** Resolves when containerd has answered, or never will. */
  readonly over: Promise<void>;
}

export class LateChanges {
  readonly #all = new Set<Late>();

  /**
   * When those are over that there are now; undefined: there are none.
   * @param name null: whatever they change
   */
  over(name: string | null): Promise<unknown> | undefined {
    const changes = [...this.#all].filter((change) => name === null || change.name === name);
    return changes.length === 0 ? undefined : Promise.all(changes.map(({ over }) => over));
  }

  /**
   * The answer to a change, if its caller has the patience.
   * @param patience rejects when the caller gives it up
   */
  async answerTo<T>(
    name: string,
    change: Promise<T>,
    patience: (change: Promise<T>) => Promise<T>,
  ): Promise<T> {
    let answered = false;
    const end = (): void => {
      answered = true;
    };
    const over = change.then(end, end);
    try {
      return await patience(change);
    } finally {
      if (!answered) this.#keep({ name, over });
    }
  }

  #keep(late: Late): void {
    this.#all.add(late);
    void late.over.then(() => this.#all.delete(late));
  }
}
