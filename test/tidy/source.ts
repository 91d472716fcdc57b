/**
 * TypeScript text with comments, and if wanted the insides of strings, blanked out: same length,
 * same lines, so that rules can search it with plain patterns and still name the right line.
 */

export interface Source {
  /** Path from the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Comments blanked. */
  readonly withStrings: string;
  /** Comments, insides of strings, templates and regular expressions blanked; quotes stay. */
  readonly code: string;
}

export function readSource(path: string, text: string): Source {
  const { withStrings, code } = blank(text);
  return { path, text, withStrings, code };
}

/** Line number, from 1, of an index in the text. */
export function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Index of the bracket that closes the one at `open`; -1 if none does. `code` has no strings. */
export function closing(code: string, open: number): number {
  const pairs: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
  const left = code[open] ?? '';
  const right = pairs[left];
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === left) depth += 1;
    else if (code[at] === right) depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}

/** Text between two indexes as blanks; line breaks stay. */
function blanks(text: string, from: number, to: number): string {
  return text.slice(from, to).replace(/[^\n]/g, ' ');
}

/** One token from `at`: what it is and where it ends. */
interface Token {
  readonly kind: 'comment' | 'string' | 'template' | 'regex' | 'other';
  readonly end: number;
}

function blank(text: string): { withStrings: string; code: string } {
  let withStrings = '';
  let code = '';
  /** Depth of braces at which each open `${` ends, innermost last. */
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    const resumes = char === '}' && templates.at(-1) === depth;
    const token: Token = resumes
      ? { kind: 'template', end: templateEnd(text, at + 1) }
      : tokenAt(text, at, code);
    if (resumes) templates.pop();
    const raw = text.slice(at, token.end);
    if (token.kind === 'template' && raw.endsWith('${')) templates.push(depth);
    if (token.kind === 'other' && char === '{') depth += 1;
    if (token.kind === 'other' && char === '}') depth -= 1;
    withStrings += token.kind === 'comment' ? blanks(text, at, token.end) : raw;
    code += blanked(token.kind, text, at, token.end);
    at = token.end;
  }
  return { withStrings, code };
}

function blanked(kind: Token['kind'], text: string, from: number, to: number): string {
  if (kind === 'other') return text.slice(from, to);
  if (kind === 'comment') return blanks(text, from, to);
  // Both ends of a string or of a part of a template become quotes, so that a value is seen there.
  return to - from < 2 ? '`' : `\`${blanks(text, from + 1, to - 1)}\``;
}

function tokenAt(text: string, at: number, codeBefore: string): Token {
  const char = text[at];
  if (text.startsWith('//', at)) return { kind: 'comment', end: until(text, at, '\n') };
  if (text.startsWith('#!', at) && at === 0) return { kind: 'comment', end: until(text, at, '\n') };
  if (text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2);
    return { kind: 'comment', end: end < 0 ? text.length : end + 2 };
  }
  if (char === "'" || char === '"') return { kind: 'string', end: stringEnd(text, at, char) };
  if (char === '`') return { kind: 'template', end: templateEnd(text, at + 1) };
  if (char === '/' && startsRegex(codeBefore)) return { kind: 'regex', end: regexEnd(text, at) };
  return { kind: 'other', end: at + 1 };
}

function until(text: string, at: number, stop: string): number {
  const end = text.indexOf(stop, at);
  return end < 0 ? text.length : end;
}

function stringEnd(text: string, at: number, quote: string): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end += 1;
    else if (text[end] === quote || text[end] === '\n') return end + 1;
  }
  return text.length;
}

/** End of a template's part: after its last quote, or after the `${` that opens an expression. */
function templateEnd(text: string, from: number): number {
  for (let end = from; end < text.length; end++) {
    if (text[end] === '\\') end += 1;
    else if (text[end] === '`') return end + 1;
    else if (text.startsWith('${', end)) return end + 2;
  }
  return text.length;
}

/** A slash after a value divides; anywhere else it opens a regular expression. */
function startsRegex(codeBefore: string): boolean {
  const before = codeBefore.trimEnd();
  if (before === '') return true;
  if (/\b(return|typeof|case|in|of|do|else|throw|yield|await)$/.test(before)) return true;
  return !/[\w$)\]}`]$/.test(before);
}

function regexEnd(text: string, at: number): number {
  let inClass = false;
  for (let end = at + 1; end < text.length; end++) {
    const char = text[end];
    if (char === '\\') end += 1;
    else if (char === '\n') return end;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return flagsEnd(text, end + 1);
  }
  return text.length;
}

function flagsEnd(text: string, at: number): number {
  let end = at;
  while (/[a-z]/.test(text[end] ?? '')) end += 1;
  return end;
}
