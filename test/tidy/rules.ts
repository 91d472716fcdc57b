/** All house rules that look at one file. */
import { inlineActions, machineImports, machineTokens, timeAndChance } from './purity.rules.ts';
import type { Rule } from './rule.ts';
import { fileLength, fileShape, finishedWork, functionLength, lineLength } from './size.rules.ts';
import { honestTypes, seenErrors } from './types.rules.ts';

export const RULES: readonly Rule[] = [
  machineTokens,
  machineImports,
  inlineActions,
  timeAndChance,
  honestTypes,
  seenErrors,
  fileLength,
  lineLength,
  functionLength,
  fileShape,
  finishedWork,
];
