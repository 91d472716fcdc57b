/**
 * Answers of a real daemon against the published Engine API definition, which lies beside the
 * checkout in ../shared/engine-api; without it the specs are skipped, and that is said.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parse } from 'yaml';
import { ask } from '../differential/ask.ts';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { ROOT } from '../tidy/project.ts';
import { KNOWN_DEVIATIONS } from './knownDeviations.ts';
import { type Definitions, deviations, type Schema } from './schema.ts';

const VERSION = '1.50';
const path = join(ROOT, '..', 'shared', 'engine-api', `v${VERSION}.yaml`);
const skip = existsSync(path) ? false : `NOT CHECKED AGAINST THE ENGINE API: no ${path}`;
if (skip !== false) process.stderr.write(`${skip}\n`);

interface Document extends Definitions {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { responses: Readonly<Record<string, { schema?: Schema } | undefined>> }>
      >
    >
  >;
}

suite(`answers are as version ${VERSION} of the Engine API says`, { skip }, () => {
  const document: Document | undefined =
    skip === false ? parse(readFileSync(path, 'utf8')) : undefined;
  const used = new Set<object>();
  let daemon: TemporaryDaemon | undefined;

  async function answer(method: string, asked: string, body?: unknown) {
    const request = {
      method,
      path: `/v${VERSION}${asked}`,
      ...(body === undefined ? {} : { body }),
    };
    return await ask(daemon?.socket ?? '', request);
  }

  /** Sentences about the value that no known deviation explains. */
  function unexplained(method: string, route: string, status: number, value: unknown) {
    assert.ok(document);
    const schema = document.paths[route]?.[method]?.responses[status]?.schema;
    assert.ok(schema, `the document has no ${method} ${route} ${status}`);
    return deviations(value, schema, document).filter((sentence) => {
      const known = KNOWN_DEVIATIONS.find(({ said }) => said.test(sentence));
      if (known !== undefined) used.add(known);
      return known === undefined;
    });
  }

  async function check(method: string, asked: string, route: string, body?: unknown) {
    const { status, text } = await answer(method.toUpperCase(), asked, body);
    assert.deepEqual(unexplained(method, route, status, JSON.parse(text)), []);
    return status;
  }

  before(async () => {
    daemon = await startTemporaryDaemon();
    const { archive } = await buildBusyboxImage({ labels: { a: 'b' } });
    assert.equal((await answer('POST', '/images/load', archive)).status, 200);
    const config = { Image: 'busybox', Cmd: ['sleep', '1000'], ExposedPorts: { '80/tcp': {} } };
    const made = await answer('POST', '/containers/create?name=running', {
      ...config,
      HostConfig: { NetworkMode: 'none' },
    });
    assert.equal(made.status, 201, made.text);
    assert.equal((await answer('POST', '/containers/running/start')).status, 204);
  });

  after(async () => {
    await daemon?.stop();
  });

  test('create', async () => {
    const body = { Image: 'busybox', Cmd: ['true'] };
    const status = await check('post', '/containers/create?name=made', '/containers/create', body);
    assert.equal(status, 201);
  });

  for (const [asked, route] of [
    ['/containers/json?all=1&size=1', '/containers/json'],
    ['/containers/running/json', '/containers/{id}/json'],
    ['/containers/running/json?size=1', '/containers/{id}/json'],
    ['/containers/made/json', '/containers/{id}/json'],
    ['/images/json', '/images/json'],
    ['/images/busybox/json', '/images/{name}/json'],
    ['/info', '/info'],
    ['/version', '/version'],
    ['/system/df', '/system/df'],
  ] as const) {
    test(`GET ${asked}`, async () => {
      assert.equal(await check('get', asked, route), 200);
    });
  }

  test('wait, and inspect of a container that has exited', async () => {
    assert.equal((await answer('POST', '/containers/running/kill')).status, 204);
    const route = '/containers/{id}/wait';
    assert.equal(await check('post', '/containers/running/wait', route), 200);
    assert.equal(await check('get', '/containers/running/json', '/containers/{id}/json'), 200);
  });

  test('an error', async () => {
    assert.equal(await check('get', '/containers/nobody/json', '/containers/{id}/json'), 404);
  });

  test('every line of events', async () => {
    const now = Math.ceil(Date.now() / 1000);
    const { text } = await answer('GET', `/events?since=1&until=${now}`);
    const lines = text.trim().split('\n');
    const actions = lines.map((line) => JSON.parse(line).Action);
    const life = ['create', 'connect', 'start', 'create', 'kill', 'disconnect', 'die'];
    assert.deepEqual(actions, ['load', ...life]);
    for (const line of lines)
      assert.deepEqual(unexplained('get', '/events', 200, JSON.parse(line)), [], line);
  });

  test('every known deviation is still one', () => {
    assert.deepEqual(
      KNOWN_DEVIATIONS.filter((one) => !used.has(one)),
      [],
    );
  });
});
