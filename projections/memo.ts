/**
 * Answers of read models, kept for as long as the log has not grown: a read model changes in an
 * append or when it is put right, and never without either, so that the same question has the same
 * answer meanwhile.
 * Clients ask in bursts (resolve, get, once more), and a statement costs more than the rest of such
 * a request. What is handed out is shared: it is read, never changed.
 */

/** Answers kept; the oldest go first. */
const MOST = 512;

export interface Memo {
  /** A reader of the same answers. Undefined is an answer, too. */
  of<T>(ask: (key: string) => T): (key: string) => T;
}

/** @param position grows whenever a read model may have changed; must be cheap */
export function memoByPosition(position: () => number): Memo {
  return {
    of<T>(ask: (key: string) => T) {
      const known = new Map<string, { readonly answer: T }>();
      let at = -1;
      return (key) => {
        const now = position();
        if (now !== at) known.clear();
        at = now;
        const found = known.get(key);
        if (found !== undefined) return found.answer;
        const answer = ask(key);
        if (known.size >= MOST)
          for (const [oldest] of known) {
            known.delete(oldest);
            break;
          }
        known.set(key, { answer });
        return answer;
      };
    },
  };
}
