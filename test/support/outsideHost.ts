/** Another host, as far as this one can tell: a network namespace at the end of a link. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

export interface OutsideHost {
  /** Words before a command that run it there. */
  readonly within: readonly string[];
  /** Of this host, as the other one sees it. */
  readonly address: string;
  leave(): void;
}

const ip = (...args: readonly string[]): void => void execFileSync('ip', args);

/** Its route leads here, whatever it is that it wants to reach. */
export function outsideHost(): OutsideHost {
  const random = randomBytes(3);
  const name = `outside-${random.toString('hex')}`;
  const link = `out${random.toString('hex')}`;
  const [second = 0, third = 0] = random;
  const begin = `198.${18 + (second & 1)}.${third}`;
  ip('netns', 'add', name);
  try {
    ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('addr', 'add', `${begin}.1/30`, 'dev', link);
    ip('link', 'set', link, 'up');
    ip('-n', name, 'addr', 'add', `${begin}.2/30`, 'dev', 'eth0');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    ip('-n', name, 'route', 'add', 'default', 'via', `${begin}.1`);
  } catch (error) {
    ip('netns', 'delete', name);
    throw error;
  }
  return {
    within: ['ip', 'netns', 'exec', name],
    address: `${begin}.1`,
    leave: () => ip('netns', 'delete', name),
  };
}
