/**
 * The house rules, run over the whole project, and each rule run over samples that must trigger it.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deadLinks, lostPages, wrongTitles } from './tidy/documents.ts';
import { EXCEPTIONS } from './tidy/exceptions.ts';
import { ROOT, readProject } from './tidy/project.ts';
import { RULES } from './tidy/rules.ts';
import { readSource } from './tidy/source.ts';

const sources = readProject((path) => RULES.some((rule) => rule.applies(path)));
const documents = readProject(
  (path) => path === 'README.md' || (path.startsWith('docs/') && path.endsWith('.md')),
);

const isExcepted = (rule: string, path: string): boolean =>
  EXCEPTIONS.some((one) => one.rule === rule && one.path === path);

for (const rule of RULES) {
  const findings = sources
    .filter(({ path }) => rule.applies(path))
    .map((source) => ({ path: source.path, findings: rule.check(source) }))
    .filter((one) => one.findings.length > 0);

  test(`the project keeps the rule ${rule.name}`, () => {
    const broken = findings
      .filter(({ path }) => !isExcepted(rule.name, path))
      .flatMap((one) => one.findings.map((found) => `${one.path}:${found.line} ${found.message}`));
    assert.equal(broken.join('\n'), '');
  });

  test(`each exception from the rule ${rule.name} is still needed`, () => {
    const needless = EXCEPTIONS.filter(
      (one) => one.rule === rule.name && !findings.some(({ path }) => path === one.path),
    );
    assert.deepEqual(needless, []);
  });

  test(`the rule ${rule.name} finds what breaks it`, () => {
    assert.ok(rule.breaks.length > 0);
    for (const { path, text } of rule.breaks) {
      assert.ok(rule.applies(path), path);
      assert.notEqual(rule.check(readSource(path, text)).length, 0, `${path}:\n${text}`);
    }
  });

  test(`the rule ${rule.name} lets pass what only looks alike`, () => {
    for (const { path, text } of rule.passes) {
      assert.ok(rule.applies(path), path);
      assert.deepEqual(rule.check(readSource(path, text)), [], `${path}:\n${text}`);
    }
  });
}

test('every exception names a rule and gives a reason', () => {
  for (const { rule, reason } of EXCEPTIONS.filter((one) => one.rule !== 'arrows')) {
    assert.ok(RULES.some(({ name }) => name === rule) && reason.length > 10, rule);
  }
});

test('a document has one title', () => {
  assert.deepEqual(wrongTitles(documents), []);
  assert.equal(wrongTitles([{ path: 'a.md', text: '# A\n\n# B\n' }]).length, 1);
  assert.equal(wrongTitles([{ path: 'a.md', text: 'A\n' }]).length, 1);
  assert.deepEqual(wrongTitles([{ path: 'a.md', text: '# A\n```sh\n# comment\n```\n' }]), []);
});

test('a link in a document leads somewhere', () => {
  assert.deepEqual(
    deadLinks(documents, (path) => existsSync(join(ROOT, path))),
    [],
  );
  const sample = {
    path: 'docs/a.md',
    text: '[b](b.md#part) [c](https://example.org) [d](../d.md)',
  };
  assert.deepEqual(
    deadLinks([sample], (path) => path === 'd.md'),
    ['docs/a.md: no file docs/b.md'],
  );
});

test('every page of docs/ is linked from the README or the architecture page', (context) => {
  const lost = { path: 'docs/lost.md', text: '# Lost' };
  assert.deepEqual(lostPages([{ path: 'README.md', text: '[x](docs/x.md)' }, lost]), [lost.path]);
  if (!documents.some(({ path }) => path === 'README.md')) return context.skip('no README yet');
  assert.deepEqual(lostPages(documents), []);
});

test('docs/dependencies.md has a row for each dependency, and for no other', () => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  const page = documents.find(({ path }) => path === 'docs/dependencies.md');
  const [listed = ''] = page?.text.split('## Not used') ?? [];
  const rows = [...listed.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(rows.sort(), Object.keys({ ...dependencies, ...devDependencies }).sort());
});

test('what is in comments, strings and regular expressions is not code', () => {
  const { code, withStrings } = readSource(
    'a.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code to read
    'a /* b */ + "c\\"d" // e\n`f${g({ h: `i` })}j` / k / /[/"]l/gu.test(m)',
  );
  assert.equal(code.replace(/\s+/g, ' '), 'a + ` ` ` `g({ h: ` ` })` ` / k / ` `.test(m)');
  assert.match(withStrings, /"c\\"d" {5}\n/);
});
