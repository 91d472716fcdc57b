/**
 * What must not meet in one container: the start of a process, and the freezing. A process that is
 * frozen in the midst of its start holds up the runtime, that the shim, and so the answer to who
 * froze it; nothing of the container can be asked then.
 */
import type { ContainerId } from '../../machines/words.ts';

/** Acts when whoever came before is done, however that went. */
export type InTurn = <T>(id: ContainerId, act: () => Promise<T>) => Promise<T>;

export function makeInTurn(): InTurn {
  const last = new Map<ContainerId, Promise<void>>();
  return async (id, act) => {
    const before = last.get(id);
    const { promise: over, resolve } = Promise.withResolvers<void>();
    last.set(id, over);
    await before;
    try {
      return await act();
    } finally {
      resolve();
      if (last.get(id) === over) last.delete(id);
    }
  };
}
