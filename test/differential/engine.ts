/**
 * An engine under comparison: brings containers into the state a row wants, asks, and says what
 * came back in a form that does not depend on ids, names and times.
 */
import assert from 'node:assert/strict';
import type { breaches } from '../../api/testing/contract.ts';
import { type Answered, type Asked, ask } from './ask.ts';
import type { Row } from './rowKinds.ts';
import { type Prepared, STATES, type StateName } from './states.ts';

/** The version both of them speak. */
const VERSION = '/v1.41';

type Contract = typeof breaches;

interface Container {
  readonly id: string;
  readonly name: string;
}

export class Engine {
  /** Sentences about answers that are not as the document says; filled if `document` is given. */
  readonly breaches: string[] = [];
  readonly #document: Contract;
  readonly #socket: string;
  #archive: Buffer = Buffer.alloc(0);
  readonly #ready = new Map<StateName, Container>();
  #count = 0;

  /** @param document holds each answer against a document; dockerd's have none of ours. */
  constructor(socket: string, document: Contract = () => []) {
    this.#document = document;
    this.#socket = socket;
  }

  async load(archive: Buffer): Promise<void> {
    this.#archive = archive;
    const { status, text } = await this.#ask('POST', '/images/load', archive);
    assert.equal(status, 200, text);
  }

  /** One line: the status, and the message or what the row wants shown of the body. */
  async run(row: Row): Promise<string> {
    const container = row.state === undefined ? undefined : await this.#inState(row.state);
    const exec = row.exec === undefined ? '' : await this.#exec(container, row.exec);
    if (row.started === true) await this.#ask('POST', `/exec/${exec}/start`, { Detach: true });
    const path = row.path
      .replaceAll('{c}', container?.name ?? '')
      .replaceAll('{id}', container?.id ?? '')
      .replaceAll('{e}', exec);
    const body = row.image === true ? this.#archive : row.body;
    const answer = await this.#ask(row.method, path, body, row);
    const line = lineOf(row, answer, container);
    await this.#tidy(row, answer, container);
    return line;
  }

  /** Takes away what was made for the rows. */
  async clear(): Promise<void> {
    for (const { id } of this.#ready.values()) await this.#remove(id);
    this.#ready.clear();
  }

  /** What it says to a beginning that several ids have: of 17 ids two begin alike. */
  async ambiguous(): Promise<string> {
    const ids: string[] = [];
    for (let made = 0; made < 17; made += 1) {
      const { text } = await this.#ask('POST', '/containers/create', STATES.created.body);
      ids.push(field(text, 'Id'));
    }
    const starts = ids.map((id) => id.slice(0, 1));
    const prefix = starts.find((start, index) => starts.indexOf(start) !== index) ?? '';
    const { status, text } = await this.#ask('GET', `/containers/${prefix}/json`);
    for (const id of ids) await this.#remove(id);
    return `${status} ${field(text, 'message').replace(/\w$/, 'X')}`;
  }

  async #ask(
    method: string,
    path: string,
    body?: unknown,
    { version = VERSION, type }: Pick<Row, 'version' | 'type'> = {},
  ): Promise<Answered> {
    const typed = type === undefined ? {} : { type };
    const given = body === undefined ? {} : { body };
    const asked: Asked = { method, path: encodeURI(version + path), ...given, ...typed };
    const answer = await ask(this.#socket, asked);
    const { status, contentType, text } = answer;
    this.breaches.push(...this.#document(asked, { status, contentType, body: text }));
    return answer;
  }

  async #exec(container: Container | undefined, body: object): Promise<string> {
    const { text } = await this.#ask('POST', `/containers/${container?.id}/exec`, body);
    return field(text, 'Id');
  }

  async #inState(state: StateName): Promise<Container> {
    const known = this.#ready.get(state);
    if (known !== undefined) return known;
    const wanted: Prepared = STATES[state];
    this.#count += 1;
    const name = `row-container-${this.#count}`;
    const made = await this.#ask('POST', `/containers/create?name=${name}`, wanted.body);
    assert.equal(made.status, 201, made.text);
    const container = { id: field(made.text, 'Id'), name };
    for (const step of wanted.steps) {
      const [method = '', path = ''] = step.split(' ');
      await this.#ask(method, path.replace('{c}', name));
    }
    assert.equal(await this.#status(container), wanted.status, `preparing ${state}`);
    this.#ready.set(state, container);
    return container;
  }

  /** Status of the container, undefined if it is gone or has another name now. */
  async #status({ id, name }: Container): Promise<string | undefined> {
    const { status, text } = await this.#ask('GET', `/containers/${id}/json`);
    if (status !== 200) return undefined;
    const found: { Name: string; State: { Status: string } } = JSON.parse(text);
    return found.Name === `/${name}` ? found.State.Status : undefined;
  }

  /** What a row changed or made goes away, so that rows do not depend on each other. */
  async #tidy(row: Row, answer: Answered, container: Container | undefined): Promise<void> {
    if (row.path.startsWith('/containers/create') && answer.status === 201)
      await this.#remove(field(answer.text, 'Id'));
    if (row.state === undefined || container === undefined) return;
    if (row.method === 'GET') return;
    const now = await this.#status(container);
    if (now === STATES[row.state].status && row.path.match(/start|kill|stop/) === null) return;
    this.#ready.delete(row.state);
    await this.#remove(container.id);
  }

  async #remove(id: string): Promise<void> {
    await this.#ask('DELETE', `/containers/${id}?force=1`);
  }
}

function field(text: string, name: string): string {
  const value: unknown = JSON.parse(text)[name];
  assert.ok(typeof value === 'string', text);
  return value;
}

function shown(row: Row, { status, text }: Answered): string {
  // Errors of attach are plain text, and those of HEAD have no body.
  if (status >= 400) return text.startsWith('{') ? field(text, 'message') : text.trim();
  return row.show === undefined ? '' : JSON.stringify(row.show(JSON.parse(text)));
}

function lineOf(row: Row, answer: Answered, container: Container | undefined): string {
  const { id, name } = container ?? { id: 'no id here', name: 'no name here' };
  const text = `${answer.status} ${shown(row, answer)}`.trim();
  return text
    .replaceAll(id, 'ID')
    .replaceAll(id.slice(0, 12), 'SHORT')
    .replaceAll(name, 'NAME')
    .replace(/\b[0-9a-f]{64}\b/g, 'HEX')
    .replace(/\/[\w./-]*\/(?:dockerd|shiplog)-\w{6}\//g, 'DIR/');
}
