/**
 * The project's own files: what was written by hand, without modules, generated code and
 * recordings.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSource, type Source } from './source.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const SKIPPED = new Set([
  'node_modules',
  '.git',
  'dist',
  'coverage',
  'test/histories',
  'test/fixtures',
]);

/** Paths from the root, sorted. */
export function projectFiles(): readonly string[] {
  return walk(ROOT).sort();
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = relative(ROOT, join(folder, entry.name));
    if (SKIPPED.has(path) || SKIPPED.has(entry.name)) return [];
    if (entry.isDirectory()) return walk(join(ROOT, path));
    return entry.isFile() && !path.endsWith('.gen.ts') ? [path] : [];
  });
}

export function readProject(wanted: (path: string) => boolean): readonly Source[] {
  return projectFiles()
    .filter(wanted)
    .map((path) => readSource(path, readFileSync(join(ROOT, path), 'utf8')));
}
