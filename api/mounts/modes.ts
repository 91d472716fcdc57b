/** The words after the second colon of `-v source:target:modes`: of each class one at most. */

const PROPAGATION = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];
const CLASSES: readonly (readonly string[])[] = [
  ['rw', 'ro'],
  ['z', 'Z'],
  PROPAGATION,
  ['nocopy'],
  ['consistent', 'cached', 'delegated', 'default'],
];

const wordsOf = (mode: string): readonly string[] => mode.split(',');

export function isMode(mode: string): boolean {
  if (mode === '') return true;
  const words = wordsOf(mode);
  const known = words.every((word) => CLASSES.some((words) => words.includes(word)));
  return known && CLASSES.every((of) => words.filter((word) => of.includes(word)).length <= 1);
}

export const isReadWrite = (mode: string): boolean => !wordsOf(mode).includes('ro');
export const isNoCopy = (mode: string): boolean => wordsOf(mode).includes('nocopy');
/** Empty: none is given. */
export const propagationOf = (mode: string): string =>
  wordsOf(mode).find((word) => PROPAGATION.includes(word)) ?? '';
export const isPropagation = (word: string): boolean => PROPAGATION.includes(word);
