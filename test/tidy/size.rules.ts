/** Rules of size and shape: files and functions that can be read at one go. */
import { type Finding, findAll, isTypeScript, type Rule, samples } from './rule.ts';
import { closing, lineOf } from './source.ts';

const MAX_LINES = 400;
const MAX_FUNCTION_LINES = 70;
const MAX_COLUMNS = 100;

const isShell = (path: string): boolean => path.endsWith('.sh') || path === '.ci/run';

const SAMPLE = 'actors/sample.ts';
const HEAD = '/** Role. */\n';

export const fileLength: Rule = {
  name: 'file-length',
  applies: isTypeScript,
  check: ({ text }) => {
    const lines = text.trimEnd().split('\n').length;
    if (lines <= MAX_LINES) return [];
    return [{ line: MAX_LINES, message: `${lines} lines; at most ${MAX_LINES}` }];
  },
  breaks: samples(SAMPLE, 'x;\n'.repeat(MAX_LINES + 1)),
  passes: samples(SAMPLE, 'x;\n'.repeat(MAX_LINES)),
};

export const lineLength: Rule = {
  name: 'line-length',
  applies: (path) => isTypeScript(path) || isShell(path),
  check: ({ text }) =>
    text.split('\n').flatMap((line, index) => {
      const columns = [...line].length;
      if (columns <= MAX_COLUMNS) return [];
      return [{ line: index + 1, message: `${columns} columns; at most ${MAX_COLUMNS}` }];
    }),
  breaks: samples(SAMPLE, 'x'.repeat(MAX_COLUMNS + 1)),
  passes: samples(SAMPLE, 'x'.repeat(MAX_COLUMNS), 'ü'.repeat(MAX_COLUMNS)),
};

export const functionLength: Rule = {
  name: 'function-length',
  applies: isTypeScript,
  check: ({ code }) =>
    functionBodies(code).flatMap(({ start, end }): Finding[] => {
      const line = lineOf(code, start);
      const lines = lineOf(code, end) - line + 1;
      if (lines <= MAX_FUNCTION_LINES) return [];
      return [{ line, message: `a function of ${lines} lines; at most ${MAX_FUNCTION_LINES}` }];
    }),
  breaks: samples(
    SAMPLE,
    `function f(a: { b: string }): { c: number } {\n${'x;\n'.repeat(70)}}`,
    `const f = (a: number): Promise<void> => {\n${'x;\n'.repeat(70)}};`,
    `class C {\n  method<T>(a: T): T {\n${'x;\n'.repeat(70)}}\n}`,
  ),
  passes: samples(
    SAMPLE,
    `function f(): void {\n${'x;\n'.repeat(60)}}`,
    `const table = {\n${'x: 1,\n'.repeat(90)}};`,
    `if (f(x)) {\n${'x;\n'.repeat(90)}}`,
    `const v = a ? f(x) : {\n${'x: 1,\n'.repeat(90)}};`,
    `describe("all", () => {\n${'x;\n'.repeat(90)}});`,
  ),
};

const CONTROL = /\b(?:if|for|while|switch|catch|with|await)\s*$/;

/** Each `(…)` that is a parameter list with a body in braces after it. */
function functionBodies(code: string): readonly { readonly start: number; readonly end: number }[] {
  return [...code.matchAll(/\(/g)].flatMap(({ index }) => {
    const before = code.slice(Math.max(0, index - 200), index);
    if (CONTROL.test(before) || /\b(?:describe|suite)\([^()]*$/.test(before)) return [];
    const close = closing(code, index);
    const body = close < 0 ? -1 : bodyAfter(code, close + 1);
    return body < 0 ? [] : [{ start: index, end: closing(code, body) }];
  });
}

/**
 * Index of the `{` of a body that follows a parameter list, past a return type; -1 if none does.
 */
function bodyAfter(code: string, from: number): number {
  let at = skipBlanks(code, from);
  if (code[at] === ':') at = skipType(code, at + 1);
  if (code.startsWith('=>', at)) at = skipBlanks(code, at + 2);
  return code[at] === '{' ? at : -1;
}

/** A type ends where `{`, `=>` or anything not of a type stands after something complete. */
function skipType(code: string, from: number): number {
  let at = skipBlanks(code, from);
  let complete = false;
  while (at < code.length) {
    const char = code[at] ?? '';
    if (char === '{' && complete) return at;
    if (code.startsWith('=>', at) || /[;,)\]}=?]/.test(char)) return at;
    if (/[{([]/.test(char)) {
      at = closing(code, at) + 1;
      if (at === 0) return code.length;
      complete = true;
    } else {
      complete = !/[|&<]/.test(char);
      at += 1;
    }
    at = skipBlanks(code, at);
  }
  return at;
}

function skipBlanks(code: string, from: number): number {
  let at = from;
  while (/\s/.test(code[at] ?? '')) at += 1;
  return at;
}

export const fileShape: Rule = {
  name: 'file-shape',
  applies: isTypeScript,
  check: ({ path, text }) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const findings: Finding[] = [];
    const say = (message: string) => findings.push({ line: 1, message });
    // A spec's sentences say what it is about.
    const silent = !/^(?:#!.*\n)?\/\*\*/.test(text) && !name.endsWith('.spec.ts');
    if (silent) say('begins with a doc comment that says its role');
    if (!/^[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*\.ts$/.test(name)) say('camelCase or dotted');
    if (/\.test\.ts$|(?<!\.(?:unit|int|e2e))\.spec\.ts$/.test(name)) {
      say('specs end in .unit.spec.ts, .int.spec.ts or .e2e.spec.ts');
    }
    return findings;
  },
  breaks: [
    ...samples(SAMPLE, 'export const x = 1;'),
    ...samples('actors/Mail_box.ts', HEAD),
    ...samples('actors/mailbox.spec.ts', HEAD),
    ...samples('actors/mailbox.test.ts', HEAD),
  ],
  passes: [
    ...samples('actors/mailBox.ts', HEAD, `#!/usr/bin/env node\n${HEAD}`),
    ...samples('actors/mail.box.unit.spec.ts', HEAD),
  ],
};

/** Spelled in halves, so that this file passes its own rule. */
const MARKERS = [`TO${'DO'}`, `FIX${'ME'}`, `X${'XX'}`, `HA${'CK'}`];

export const finishedWork: Rule = {
  name: 'finished-work',
  applies: (path) => isTypeScript(path) || isShell(path) || path.endsWith('.md'),
  check: ({ text }) =>
    findAll(text, [
      [
        new RegExp(`\\b(?:${MARKERS.join('|')})\\b`, 'g'),
        'finish it, or write it down as an issue',
      ],
    ]),
  breaks: MARKERS.flatMap((marker) => samples(SAMPLE, `// ${marker}: later`)),
  passes: samples(SAMPLE, '// to do things', '// mktemp name.XXXXXX'),
};
