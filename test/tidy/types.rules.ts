/** Rules that keep the type checker honest, and errors seen. */
import { findAll, isTypeScript, type Rule, samples } from './rule.ts';

const SAMPLE = 'actors/sample.ts';

export const honestTypes: Rule = {
  name: 'honest-types',
  applies: isTypeScript,
  check: ({ code }) =>
    findAll(code, [
      // Types alone: `any` is also the usual name of a protobuf Any. Biome finds the rest.
      [/\bas any\b|<any\b|\bany(?:\[\]|>)|:\s*any(?=\s*[;)|=])/g, 'say the type, or `unknown`'],
      [/\bas\s+unknown\s+as\b/g, 'parse the value instead of asserting twice'],
      [/[\w)\]]!(?![=\w])/g, 'handle the missing value instead of denying it'],
      [/\benum\s+\w+\s*\{/g, 'a union of strings'],
    ]),
  breaks: samples(
    SAMPLE,
    'let x: any;',
    'const x = y as any;',
    'const x: any[] = [];',
    'const x = y as unknown as Z;',
    'const x = y!.z;',
    'const x = y[0]!;',
    'enum Colour { Red }',
  ),
  passes: samples(
    SAMPLE,
    '// any comment',
    'const x = await Promise.any([]);',
    'const unpack = (any: Any) => decode({ value: any.value, whole: any });',
    'if (x !== y && !z) run();',
    'const text = "any!";',
  ),
};

export const seenErrors: Rule = {
  name: 'seen-errors',
  applies: isTypeScript,
  check: ({ code }) =>
    findAll(code, [
      [/\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}/g, 'an error is handled or passed on, never dropped'],
      [/\.catch\(\s*\(\w*\)\s*=>\s*\{\s*\}\s*\)/g, 'an error is handled or passed on'],
    ]),
  breaks: samples(
    SAMPLE,
    'try { run(); } catch {}',
    'try { run(); } catch (error) { /* never mind */ }',
    'run().catch(() => {});',
  ),
  passes: samples(SAMPLE, 'try { run(); } catch (error) { report(error); }'),
};
