/**
 * Users as containers of an image have them before anything has changed their roots: who starts
 * another one of the same need not have its root to know who its process runs as.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import type { OciUser } from '../spec/types.ts';

export interface ImageUsers {
  /** For a root that is as the image has it. */
  known(container: ContainerContext): OciUser | undefined;
  /** Read from such a root. */
  note(container: ContainerContext, user: OciUser): void;
}

/** The oldest goes first. */
const MOST = 256;

export function makeImageUsers(): ImageUsers {
  const users = new Map<string, OciUser>();
  return {
    known: (container) => users.get(keyOf(container)),
    note(container, user) {
      const key = keyOf(container);
      if (users.has(key)) return;
      const [oldest] = users.keys();
      if (users.size >= MOST && oldest !== undefined) users.delete(oldest);
      users.set(key, user);
    },
  };
}

/** All that it depends on. */
const keyOf = ({ image, config, hostConfig }: ContainerContext): string =>
  JSON.stringify([image?.chainId, config.User, hostConfig['GroupAdd'] ?? null]);
