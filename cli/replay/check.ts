/** Verification of a file, from its beginning to its end, for tools without a daemon. */
import type { Verification } from '../../store/verify.ts';
import { work } from './jobs.ts';
import { headOf } from './logFile.ts';
import { parseWitness } from './witness.ts';

/**
 * @param expect `POSITION:HASH`; undefined: none
 * @returns undefined if that is no witness. @throws LogFileError, LogOpenError
 */
export function checked(
  path: string,
  expect: string | undefined,
  quick: boolean,
  progress: (done: number, of: number) => void,
): Verification | undefined {
  const witness = expect === undefined ? null : parseWitness(expect);
  if (witness === undefined) return undefined;
  const of = headOf(path).position;
  const steps = work('verify', { path, witness, quick });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    progress(step.value, of);
  }
}
