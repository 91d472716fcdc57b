/**
 * api/openapi.yaml against the published definitions, which lie beside the checkout in
 * ../shared/engine-api; without them the specs are skipped, and that is said.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parse } from 'yaml';
import { readDocument } from '../../api/openapi/document.ts';
import { documentedPath } from '../../api/router.ts';
import { routes } from '../../api/server.ts';
import { ROOT } from '../tidy/project.ts';
import { KNOWN_DEPARTURES } from './knownDepartures.ts';
import { differences, type Published, routesOf } from './published.ts';

const path = (version: string) => join(ROOT, '..', 'shared', 'engine-api', `v${version}.yaml`);
const skip = existsSync(path('1.55')) ? false : 'NOT HELD AGAINST THE ENGINE API: no definitions';
if (skip !== false) process.stderr.write(`${skip}\n`);

const published = (version: string): Published => parse(readFileSync(path(version), 'utf8'));

suite('the document is what the published Engine API says', { skip }, () => {
  for (const version of ['1.41', '1.50', '1.55'])
    test(`every route of ${version} is served or refused by name`, () => {
      const answered = new Set(routes.map((one) => `${one.method} ${documentedPath(one)}`));
      // The name of a part of a path is nobody's business.
      const plain = (route: string) => route.replace(/\{\w+\}/g, '{}');
      const known = new Set([...answered].map(plain));
      const lacking = routesOf(published(version)).filter((route) => !known.has(plain(route)));
      assert.deepEqual(lacking, []);
    });

  test('parameters, bodies and answers have its names and types, or a reason not to', () => {
    const theirs = published('1.55');
    const ours = readDocument();
    const used = new Set<object>();
    const found = Object.entries(ours.paths).flatMap(([route, item]) =>
      Object.entries(item).flatMap(([method, operation]) => {
        const counterpart = theirs.paths[route]?.[method];
        if (counterpart === undefined) return [];
        const name = `${method.toUpperCase()} ${route}`;
        return differences(name, operation, counterpart, { ours, theirs });
      }),
    );
    const unexplained = found.filter((sentence) => {
      const known = KNOWN_DEPARTURES.find(({ said }) => said.test(sentence));
      if (known !== undefined) used.add(known);
      return known === undefined;
    });
    assert.deepEqual(unexplained, []);
    assert.deepEqual(
      KNOWN_DEPARTURES.filter((one) => !used.has(one)),
      [],
    );
  });
});
