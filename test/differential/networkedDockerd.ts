/**
 * A dockerd that has a network: in a network namespace of its own, because it takes bridge and
 * firewall for itself.
 */
import { execFileSync } from 'node:child_process';
import { type Dockerd, startDockerd } from './dockerd.ts';

const ip = (...args: readonly string[]): void => void execFileSync('ip', args);

/** @param namespace a name that nobody has; it goes with `stop` */
export async function startNetworkedDockerd(
  binary: string,
  namespace: string,
  given: object = {},
): Promise<Dockerd> {
  ip('netns', 'add', namespace);
  const gone = (): void => ip('netns', 'delete', namespace);
  try {
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    const dockerd = await startDockerd(binary, given, namespace);
    const stop = async (): Promise<void> => {
      await dockerd.stop();
      gone();
    };
    return { ...dockerd, stop };
  } catch (error) {
    gone();
    throw error;
  }
}
