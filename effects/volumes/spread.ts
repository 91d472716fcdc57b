/** Whether a bind's source spreads its mounts the way that its propagation mode needs. */
import { readFileSync, realpathSync } from 'node:fs';
import { EffectFailure } from '../failure.ts';

interface Peer {
  readonly target: string;
  readonly shared: boolean;
  readonly slave: boolean;
}

/** @throws EffectFailure with docker's text */
export function checkSpread(source: string, propagation: string): void {
  const needsShared = propagation === 'shared' || propagation === 'rshared';
  const needsEither = propagation === 'slave' || propagation === 'rslave';
  if (!needsShared && !needsEither) return;
  const { target, shared, slave } = mountAbove(realpathSync(source));
  const said = `path ${source} is mounted on ${target} but it is not a shared`;
  if (needsShared && !shared) throw new EffectFailure('failed', `${said} mount`);
  if (needsEither && !shared && !slave) {
    throw new EffectFailure('failed', `${said} or slave mount`);
  }
}

/** The topmost mount that the path lies on. */
function mountAbove(path: string): Peer {
  const below = ({ target }: Peer): boolean =>
    target === '/' || path === target || path.startsWith(`${target}/`);
  const found = peers(readFileSync('/proc/self/mountinfo', 'utf8')).filter(below);
  const longest = Math.max(...found.map(({ target }) => target.length));
  const last = found.findLast(({ target }) => target.length === longest);
  return last ?? { target: '/', shared: false, slave: false };
}

function peers(text: string): readonly Peer[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const words = line.split(' ');
      const tags = words.slice(6, words.indexOf('-'));
      return {
        target: words[4] ?? '/',
        shared: tags.some((tag) => tag.startsWith('shared:')),
        slave: tags.some((tag) => tag.startsWith('master:')),
      };
    });
}
