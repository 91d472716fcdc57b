/** Rules for documents: one title each, no dead link, no page that nobody finds. */
import { dirname, join, normalize } from 'node:path';

export interface Document {
  readonly path: string;
  readonly text: string;
}

/** Text outside of fenced code. */
function prose(text: string): string {
  return text.replace(/^(`{3,}|~{3,}).*\n[\s\S]*?^\1.*$/gm, '');
}

/** Documents that do not have exactly one first-level heading, with how many they have. */
export function wrongTitles(documents: readonly Document[]): readonly string[] {
  return documents.flatMap(({ path, text }) => {
    const titles = prose(text).match(/^# /gm)?.length ?? 0;
    return titles === 1 ? [] : [`${path}: ${titles} first-level headings, must be 1`];
  });
}

/** Targets of the relative links of a document, as paths from the project's root. */
export function links({ path, text }: Document): readonly string[] {
  return [...prose(text).matchAll(/\]\(\s*<?([^)\s#>]+)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => target !== '' && !/^[a-z][a-z0-9+.-]*:/i.test(target))
    .map((target) => normalize(join(dirname(path), target)).replace(/\/$/, ''));
}

export function deadLinks(
  documents: readonly Document[],
  exists: (path: string) => boolean,
): readonly string[] {
  return documents.flatMap((document) =>
    links(document)
      .filter((target) => !exists(target))
      .map((target) => `${document.path}: no file ${target}`),
  );
}

const ENTRANCES = ['README.md', 'docs/architecture.md'];

/** Pages of docs/ that neither the README nor the architecture page links to. */
export function lostPages(documents: readonly Document[]): readonly string[] {
  const found = new Set(documents.filter(({ path }) => ENTRANCES.includes(path)).flatMap(links));
  return documents
    .map(({ path }) => path)
    .filter((path) => path.startsWith('docs/') && !found.has(path));
}
