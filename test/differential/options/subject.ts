/** One engine under comparison: what it says to a case, shows of it, and does with it. */
import { ask } from '../ask.ts';
import type { Case } from './cases.ts';
import { flat, unframed } from './lines.ts';
import { SCRIPT, toldOf } from './probe.ts';

/** By name of the part: lines that can be compared. */
export type Told = ReadonlyMap<string, readonly string[]>;

interface Mount {
  readonly Destination: string;
}

const VERSION = '/v1.41';

export class Subject {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async load(archive: Buffer): Promise<void> {
    await this.#ask('POST', '/images/load', archive);
  }

  /** Creates, inspects, runs and removes a container. */
  async tell({ config, host }: Case): Promise<Told> {
    const told = new Map<string, readonly string[]>();
    const command = { Image: 'busybox:latest', Cmd: ['sh', '-c', SCRIPT] };
    const HostConfig = { NetworkMode: 'none', ...host };
    const body = { ...command, ...config, HostConfig };
    const made = await this.#ask('POST', '/containers/create', body);
    const { Id: id = '', ...answer } = JSON.parse(made.text);
    told.set('create', [`${made.status} ${JSON.stringify(answer)}`]);
    if (made.status !== 201) return told;
    const tty = Object(config).Tty === true;
    try {
      told.set('inspect', await this.#inspected(id));
      const started = await this.#ask('POST', `/containers/${id}/start`);
      told.set('start', [anonymous(`${started.status} ${started.text}`.trim(), id)]);
      if (started.status === 204) await this.#finish(id, told, tty);
      told.set('state', await this.#state(id));
    } finally {
      await this.#ask('DELETE', `/containers/${id}?force=1&v=1`);
    }
    return told;
  }

  async #finish(id: string, told: Map<string, readonly string[]>, tty: boolean): Promise<void> {
    await this.#ask('POST', `/containers/${id}/wait`);
    const logs = await this.#ask('GET', `/containers/${id}/logs?stdout=1&stderr=1`);
    const output = tty ? logs.text.replaceAll('\r\n', '\n') : unframed(logs.bytes);
    told.set('inside', toldOf(anonymous(output, id)));
  }

  async #inspected(id: string): Promise<readonly string[]> {
    const { text } = await this.#ask('GET', `/containers/${id}/json`);
    // Times, names by chance, and what each keeps its layers with, are each engine's own.
    const { Created, Name, Driver, GraphDriver, Args, Config, Shiplog, ...rest } = JSON.parse(text);
    // Listed in no order by dockerd.
    rest.Mounts?.sort((one: Mount, other: Mount) => (one.Destination < other.Destination ? -1 : 1));
    const { Cmd, ...config } = Config;
    const lengths = { Args: Args?.length, Cmd: Cmd?.length };
    return flat({ ...rest, Config: config, ...lengths }).map((line) => anonymous(line, id));
  }

  async #state(id: string): Promise<readonly string[]> {
    const { text } = await this.#ask('GET', `/containers/${id}/json`);
    const { Status, ExitCode, Error: error, OOMKilled, Health } = JSON.parse(text).State;
    const shown = { Status, ExitCode, Error: error, OOMKilled, Health: Health?.Status };
    return flat(shown).map((line) => anonymous(line, id));
  }

  #ask(method: string, path: string, body?: unknown) {
    return ask(this.#socket, { method, path: VERSION + path, ...(body ? { body } : {}) });
  }
}

function anonymous(text: string, id: string): string {
  return (
    text
      .replaceAll(id, 'ID')
      .replaceAll(id.slice(0, 12), 'SHORT')
      .replace(/\b[0-9a-f]{64}\b/g, 'HEX')
      .replace(/\/[\w./-]*\/(?:dockerd|shiplog)-\w{6}\//g, 'DIR/')
      // Where each has the root mounted.
      .replace(/DIR\/(?:data\/overlay2\/HEX\/merged|exec\/roots\/ID)\//g, 'ROOT/')
      .replaceAll('/shiplog/ID', '/ENGINE/ID')
      .replaceAll('/docker/ID', '/ENGINE/ID')
  );
}
