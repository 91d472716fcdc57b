/** No route without a row that succeeds and one that fails, as answers.txt says of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOT_SERVED } from '../../api/notServed/table.ts';
import { createRouter, type Route } from '../../api/router.ts';
import { routes } from '../../api/server.ts';
import { readAnswers, titled } from './answers.ts';
import { ROWS } from './rows.ts';

/** Routes whose rows can only fail, and why. */
const ONLY_FAIL: ReadonlyMap<string, string> = new Map([
  ['POST /images/create', 'pulling is not served yet'],
  // What they change is the host: test/e2e/networks.e2e.spec.ts.
  ['DELETE /networks/{id}', 'links and rules'],
  ['POST /networks/create', 'links and rules'],
  ['POST /networks/{id}/connect', 'links and rules'],
  ['POST /networks/{id}/disconnect', 'links and rules'],
  // Of what lies on the host: test/e2e/custom.e2e.spec.ts.
  ['POST /shiplog/v1/containers', 'a root file system'],
  // What they give are bytes and a new id; test/e2e/copy.e2e.spec.ts compares those.
  ['GET /containers/{id}/archive', 'a tar'],
  ['GET /containers/{id}/export', 'a tar'],
  ['POST /commit', 'an id'],
  // api/containers/attachSocket.unit.spec.ts speaks it.
  ['GET /containers/{id}/attach/ws', 'a websocket'],
  ...NOT_SERVED.map(({ method, path, what }): [string, string] => [`${method} ${path}`, what]),
]);

/** Routes without a version and without parameters: nothing about them can be wrong. */
const ONLY_SUCCEED: readonly string[] = [
  'GET /readyz',
  'GET /healthz',
  'GET /metrics',
  'GET /shiplog/v1/status',
  'GET /shiplog/v1/backup',
  'POST /shiplog/v1/rebuild',
  // What is wrong then is a file: test/e2e/runtimes.e2e.spec.ts.
  'POST /shiplog/v1/reload',
  'GET /openapi.yaml',
  'GET /openapi.html',
];

const keyOf = ({ method, path }: Route): string => `${method} ${path}`;

function seen(): ReadonlyMap<string, ReadonlySet<'success' | 'failure'>> {
  const router = createRouter(routes);
  const answers = readAnswers();
  const found = new Map<string, Set<'success' | 'failure'>>();
  for (const [title, row] of titled(ROWS)) {
    const path = encodeURI((row.version ?? '/v1.41') + row.path).split('?')[0] ?? '';
    const match = router.match(row.method, path);
    if (match === undefined) continue;
    const key = keyOf(match.route);
    const ends = Number(answers.get(title)?.slice(0, 3)) < 400 ? 'success' : 'failure';
    found.set(key, (found.get(key) ?? new Set()).add(ends));
  }
  return found;
}

test('every route has a row that succeeds and one that fails', () => {
  const rows = seen();
  const missing = routes
    .map(keyOf)
    .flatMap((key) => [
      ...(rows.get(key)?.has('success') || ONLY_FAIL.has(key) ? [] : [`${key} never succeeds`]),
      ...(rows.get(key)?.has('failure') || ONLY_SUCCEED.includes(key)
        ? []
        : [`${key} never fails`]),
    ]);
  assert.deepEqual(missing, []);
});

test('every exception is still one', () => {
  const rows = seen();
  const needless = [...ONLY_FAIL.keys()].filter((key) => rows.get(key)?.has('success'));
  assert.deepEqual(needless, []);
  assert.deepEqual(
    ONLY_SUCCEED.filter((key) => rows.get(key)?.has('failure')),
    [],
  );
});
