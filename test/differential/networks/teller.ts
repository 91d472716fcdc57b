/** One engine that lives stories: what it says and shows at each step, and its events of them. */
import { ask } from '../ask.ts';
import { flat, unframed } from '../options/lines.ts';
import type { Told } from '../options/subject.ts';
import { Alike, linkLine } from './alike.ts';
import type { Step, Story } from './story.ts';

type Answer = Step & { readonly kind: 'answer' };

interface Event {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

const VERSION = '/v1.41';

export class Teller {
  readonly #socket: string;
  readonly #pool: string;

  /** @param pool the first two bytes of the subnets that it chooses from */
  constructor(socket: string, pool: string) {
    this.#socket = socket;
    this.#pool = pool;
  }

  async load(archive: Buffer): Promise<void> {
    await this.#ask('POST', '/images/load', archive);
  }

  async tell({ steps }: Story): Promise<Told> {
    const alike = new Alike(this.#pool);
    // The default bridge's subnet is always the first.
    alike.text(JSON.stringify(await this.#json('/networks/bridge')));
    const since = instant();
    const told = new Map<string, readonly string[]>();
    try {
      for (const [at, step] of steps.entries()) {
        const found = await this.#told(step, alike);
        if (found === undefined) continue;
        const lines = found.map((line) => alike.text(line));
        told.set(`${step.kind} ${at + 1}: ${'line' in step ? step.line : step.name}`, lines);
      }
      told.set('events', await this.#events(since, alike));
    } finally {
      await this.#clear();
    }
    return told;
  }

  /** undefined: it is not there, which an answer before says. */
  #told(step: Step, alike: Alike): Promise<readonly string[] | undefined> {
    switch (step.kind) {
      case 'answer':
        return this.#answer(step, alike);
      case 'container':
        return this.#container(step.name);
      case 'network':
        return this.#network(step.name);
      case 'inside':
        return this.#inside(step.name, step.script);
    }
  }

  async #answer({ line, body, show }: Answer, alike: Alike): Promise<readonly string[]> {
    const [method = '', path = ''] = line.split(' ');
    const { status, text } = await this.#ask(method, path, body);
    if (status >= 400) return [`${status} ${messageOf(text).replaceAll('\n', ' / ')}`];
    const { Id, ...rest } = text.startsWith('{') ? JSON.parse(text) : {};
    const name = new URLSearchParams(path.split('?')[1]).get('name') ?? Object(body).Name;
    if (method === 'POST' && typeof Id === 'string') alike.knows(Id, String(name));
    if (show !== undefined) return flat(show(JSON.parse(text))).map((one) => `${status}${one}`);
    return [`${status} ${JSON.stringify(rest)}`];
  }

  /** What stands in inspect of networks and names. */
  async #container(name: string): Promise<readonly string[] | undefined> {
    const { Config, HostConfig, NetworkSettings, State } = await this.#json(
      `/containers/${name}/json`,
    );
    if (NetworkSettings === undefined) return undefined;
    const { Hostname, Domainname, ExposedPorts, MacAddress } = Config;
    const { NetworkMode, PortBindings, Links, Dns, ExtraHosts } = HostConfig;
    const config = { Hostname, Domainname, ExposedPorts, MacAddress };
    const host = { NetworkMode, PortBindings, Links, Dns, ExtraHosts };
    const [summary] = await this.#json(
      `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify({ name: [name] }))}`,
    );
    const { Ports, NetworkSettings: Networks } = summary ?? {};
    for (const bindings of Object.values(NetworkSettings.Ports ?? {})) sortLike(bindings);
    const settings = State.Running ? { NetworkSettings } : { AtRest: NetworkSettings };
    return flat({ ...settings, config, host, list: { Ports: ordered(Ports), Networks } });
  }

  async #network(name: string): Promise<readonly string[] | undefined> {
    const { Created, Id, ...rest } = await this.#json(`/networks/${name}`);
    return Id === undefined ? undefined : flat(rest);
  }

  async #inside(name: string, script: string): Promise<readonly string[]> {
    const config = { Cmd: ['sh', '-c', script], AttachStdout: true, AttachStderr: true };
    const made = await this.#ask('POST', `/containers/${name}/exec`, config);
    if (made.status !== 201) return [`${made.status} ${messageOf(made.text)}`];
    const { Id } = JSON.parse(made.text);
    const { bytes } = await this.#ask('POST', `/exec/${Id}/start`, { Detach: false });
    return unframed(bytes).split('\n').map(linkLine);
  }

  /** Of networks and containers, in order; execs are the teller's own. */
  async #events(since: string, alike: Alike): Promise<readonly string[]> {
    const { text } = await this.#ask('GET', `/events?since=${since}&until=${instant(SETTLED_MS)}`);
    const all: readonly Event[] = text
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    return all
      .filter(({ Type, Action }) => OF_NETWORKS.has(Type) && !Action.startsWith('exec_'))
      .map((event) => alike.text(eventLine(event)));
  }

  async #clear(): Promise<void> {
    for (const { Id } of await this.#json('/containers/json?all=1')) {
      await this.#ask('DELETE', `/containers/${Id}?force=1&v=1`);
    }
    for (const { Id, Name } of await this.#json('/networks')) {
      if (!PREDEFINED.has(Name)) await this.#ask('DELETE', `/networks/${Id}`);
    }
  }

  async #json(path: string) {
    return JSON.parse((await this.#ask('GET', path)).text);
  }

  #ask(method: string, path: string, body?: unknown) {
    const given = body === undefined ? {} : { body };
    return ask(this.#socket, { method, path: VERSION + path, ...given });
  }
}

const PREDEFINED = new Set(['bridge', 'host', 'none']);
const OF_NETWORKS = new Set(['container', 'network']);

/** What ends is told a moment later. */
const SETTLED_MS = 150;

/** As `since` and `until` of the events have it. */
const instant = (laterMs = 0): string => ((Date.now() + laterMs) / 1000).toFixed(3);

const messageOf = (text: string): string =>
  text.startsWith('{') ? String(JSON.parse(text).message) : text.trim();

function eventLine({ Type, Action, Actor }: Event): string {
  const attributes = Object.entries(Actor.Attributes)
    .filter(([name]) => name !== 'execDuration')
    .map(([name, value]) => `${name}=${value}`)
    .toSorted();
  return `${Type} ${Action} ${Actor.ID} ${attributes.join(' ')}`;
}

function sortLike(bindings: unknown): void {
  if (!Array.isArray(bindings)) return;
  bindings.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}

/** dockerd lists them in no order. */
const ordered = (ports: readonly object[] | undefined) =>
  ports?.map((one) => JSON.stringify(one)).toSorted();
