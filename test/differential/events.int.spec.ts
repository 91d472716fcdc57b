/**
 * The events of everything that is done to a container interactively, beside those of a real
 * dockerd: names, order and attributes. Skipped where there is no dockerd.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { tar } from '../../effects/images/archive.fixture.ts';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { within } from '../support/leftovers.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { ask } from './ask.ts';
import { type Dockerd, findDockerd, startDockerd } from './dockerd.ts';

const binary = findDockerd();
const skip = binary === undefined ? 'NOT COMPARED WITH DOCKERD: there is none' : false;

const CONTAINER = {
  Image: 'busybox',
  Cmd: ['sh', '-c', 'trap "" USR1 HUP; while :; do sleep 0.1; done'],
  Tty: true,
  OpenStdin: true,
  Labels: { kind: 'spec' },
  HostConfig: { NetworkMode: 'none' },
};
const DETACH = '\x10\x11';

interface Told {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

/** One engine, and what is done with it. */
class Flow {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async ask(line: string, body?: unknown): Promise<string> {
    const [method = '', path = ''] = line.split(' ');
    const given = body === undefined ? {} : { body };
    const answer = await ask(this.#socket, { method, path: `/v1.41${path}`, ...given });
    assert.ok(answer.status < 400, `${line}: ${answer.status} ${answer.text}`);
    return answer.text;
  }

  async exec(config: object, start: object): Promise<string> {
    const made = await this.ask('POST /containers/cc/exec', config);
    const { Id: id } = JSON.parse(made);
    await this.ask(`POST /exec/${id}/start`, start);
    await within(
      15_000,
      async () => JSON.parse(await this.ask(`GET /exec/${id}/json`)).Running === false,
    );
    return id;
  }

  /** A client that is attached, and leaves by the keys. */
  async visit(): Promise<void> {
    const socket = connect({ path: this.#socket });
    const path = '/v1.41/containers/cc/attach?stream=1&stdin=1&stdout=1';
    const head = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';
    socket.write(`POST ${path} HTTP/1.1\r\n${head}`);
    await once(socket, 'data');
    socket.write(DETACH);
    socket.resume();
    await once(socket, 'end');
    socket.destroy();
  }

  /** Events of containers, images and volumes so far, ids and times left out. */
  async events(): Promise<readonly string[]> {
    const until = (Date.now() / 1_000 + 0.2).toFixed(3);
    const text = await this.ask(`GET /events?since=1&until=${until}`);
    const all: readonly Told[] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return all
      .filter(({ Type }) => Type !== 'network')
      .map(({ Type, Action, Actor }) => `${Type} ${Action} ${shown(Actor.Attributes)}`);
  }
}

/** [M] has it, 20.10 does not. */
const NEWER = 'execDuration';

const shown = (attributes: Readonly<Record<string, string>>): string =>
  Object.entries(attributes)
    .filter(([name]) => name !== NEWER)
    .map(([name, value]) => `${name}=${value.replace(/[0-9a-f]{64}/g, 'HEX')}`)
    .toSorted()
    .join(' ');

/** dockerd looks for the labels of an image that it has deleted already. */
const withoutLabels = (event: string): string =>
  event.startsWith('image delete ') ? event.replace('kind=spec ', '') : event;

const files = await tar([{ name: 'file', data: 'content' }]);

/** Each part by its name; the events of each are compared by themselves. */
const PARTS: readonly (readonly [string, (flow: Flow) => Promise<unknown>])[] = [
  ['create', (flow) => flow.ask('POST /containers/create?name=cc', CONTAINER)],
  ['start', (flow) => flow.ask('POST /containers/cc/start')],
  ['resize', (flow) => flow.ask('POST /containers/cc/resize?h=30&w=90')],
  ['attach and detach', (flow) => flow.visit()],
  ['attach to what was written', (flow) => flow.ask('POST /containers/cc/attach?logs=1&stdout=1')],
  [
    'exec',
    (flow) => flow.exec({ Cmd: ['sh', '-c', 'exit 3'], AttachStdout: true }, { Detach: false }),
  ],
  ['exec, detached', (flow) => flow.exec({ Cmd: ['true'] }, { Detach: true })],
  ['exec that fails', (flow) => flow.exec({ Cmd: ['none'] }, { Detach: false }).catch(String)],
  ['top', (flow) => flow.ask('GET /containers/cc/top')],
  ['copy in', (flow) => flow.ask('PUT /containers/cc/archive?path=/tmp', files)],
  ['copy out', (flow) => flow.ask('GET /containers/cc/archive?path=/tmp/file')],
  ['look at a path', (flow) => flow.ask('HEAD /containers/cc/archive?path=/tmp/file')],
  ['changes', (flow) => flow.ask('GET /containers/cc/changes')],
  ['export', (flow) => flow.ask('GET /containers/cc/export')],
  ['commit', (flow) => flow.ask('POST /commit?container=cc&repo=kept&tag=1&comment=x', {})],
  ['pause', (flow) => flow.ask('POST /containers/cc/pause')],
  ['unpause', (flow) => flow.ask('POST /containers/cc/unpause')],
  ['a signal by name', (flow) => flow.ask('POST /containers/cc/kill?signal=SIGUSR1')],
  ['a signal by number', (flow) => flow.ask('POST /containers/cc/kill?signal=1')],
  ['rename there', (flow) => flow.ask('POST /containers/cc/rename?name=dd')],
  ['rename back', (flow) => flow.ask('POST /containers/dd/rename?name=cc')],
  ['update', (flow) => flow.ask('POST /containers/cc/update', { CpuShares: 512 })],
  ['logs', (flow) => flow.ask('GET /containers/cc/logs?stdout=1')],
  ['stats', (flow) => flow.ask('GET /containers/cc/stats?stream=0')],
  ['restart', (flow) => flow.ask('POST /containers/cc/restart?t=0')],
  ['stop', (flow) => flow.ask('POST /containers/cc/stop?t=0')],
  ['wait', (flow) => flow.ask('POST /containers/cc/wait')],
  ['start again', (flow) => flow.ask('POST /containers/cc/start')],
  [
    'kill',
    async (flow) => {
      await flow.ask('POST /containers/cc/kill');
      await flow.ask('POST /containers/cc/wait');
    },
  ],
  ['remove', (flow) => flow.ask('DELETE /containers/cc?v=1')],
  ['tag', (flow) => flow.ask('POST /images/kept:1/tag?repo=kept&tag=2')],
  ['untag', (flow) => flow.ask('DELETE /images/kept:2')],
  ['remove the image', (flow) => flow.ask('DELETE /images/kept:1')],
  ['prune', (flow) => flow.ask('POST /containers/prune')],
];

suite('events are as those of dockerd', { skip }, () => {
  let ours: TemporaryDaemon | undefined;
  let theirs: Dockerd | undefined;
  const flows: Flow[] = [];
  const seen = [0, 0];

  before(async () => {
    ours = await startTemporaryDaemon();
    theirs = await startDockerd(binary ?? '');
    flows.push(new Flow(theirs.socket), new Flow(ours.socket));
    const { archive } = await buildBusyboxImage();
    for (const [index, flow] of flows.entries()) {
      await flow.ask('POST /images/load', archive);
      seen[index] = (await flow.events()).length;
    }
  });
  after(async () => {
    await theirs?.stop();
    await ours?.stop();
  });

  /** The events since the last time; the engine has a moment to tell them. */
  async function news(index: number): Promise<readonly string[]> {
    const all = (await flows[index]?.events()) ?? [];
    const from = seen[index] ?? 0;
    seen[index] = all.length;
    return all.slice(from);
  }

  for (const [name, act] of PARTS) {
    test(name, async () => {
      await Promise.all(flows.map((flow) => act(flow)));
      const [dockerd, shiplog] = [await news(0), await news(1)];
      assert.deepEqual(shiplog.map(withoutLabels), dockerd);
    });
  }
});
