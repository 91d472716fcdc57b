/**
 * What a network costs: a run on the default bridge with a published port beside one without any,
 * the docker command, eight at a time; and many containers that know each other by name.
 */
import { dirname } from 'node:path';
import { findDockerd } from '../differential/dockerd.ts';
import { startNetworkedDockerd } from '../differential/networkedDockerd.ts';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import type { Bench } from './bench.ts';
import { type Contender, type Contenders, contender } from './contenders.ts';
import { asked, created, oneRun, removed } from './engine.ts';
import { elapsedMs, interleaved, repeated } from './interleaved.ts';
import { loadInto } from './load.ts';
import { median } from './median.ts';

const ROUNDS = 15;
const TOGETHER = 8;
const PARALLEL_CYCLES = 16;
const ADDED_MS = 15;
const NAMESPACE = 'shiplog-bench';

/** On the default bridge, with a port of the host's choice on its loopback. */
const PLUGGED = {
  ExposedPorts: { '80/tcp': {} },
  HostConfig: {
    NetworkMode: 'default',
    PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
  },
};

interface Networked {
  readonly engines: readonly Contender[];
  stop(): Promise<void>;
}

async function networked({ engines }: Contenders): Promise<Networked> {
  const ours = engines.filter(({ name }) => name === 'shiplog');
  const binary = findDockerd();
  if (binary === undefined) return { engines: ours, stop: () => Promise.resolve() };
  const dockerd = await startNetworkedDockerd(binary, NAMESPACE);
  const { archive } = await buildBusyboxImage({ repoTags: ['busybox:latest'] });
  await loadInto(dockerd.socket, archive);
  const theirs = contender('dockerd', dockerd.socket, dirname(dockerd.socket));
  return {
    engines: [...ours, theirs],
    async stop() {
      theirs.engine.close();
      await dockerd.stop();
    },
  };
}

/** Milliseconds that the network adds to a run cycle, a pair of cycles each. */
async function added({ engine }: Contender, rounds: number): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const without = (await oneRun(engine))['whole'] ?? Number.NaN;
    const plugged = (await oneRun(engine, PLUGGED))['whole'] ?? Number.NaN;
    if (round > 0) samples.push(plugged - without);
  }
  return samples;
}

async function cliRun({ name, docker }: Contender): Promise<void> {
  const ran = await docker('run', '--rm', '-p', '127.0.0.1::80', 'busybox', 'true');
  if (ran.code !== 0) throw new Error(`${name}: docker run: ${ran.stderr}`);
}

export const networks: Bench = {
  name: 'networks',
  about: 'a run on the default bridge with a published port',
  run: async ({ rounds = ROUNDS, contenders }, report) => {
    const { engines, stop } = await networked(await contenders());
    try {
      const extra: Record<string, number[]> = {};
      for (const one of engines) extra[one.name] = await added(one, rounds);
      report.row({ name: 'added', unit: 'ms', samples: extra, aim: { atMost: ADDED_MS } });
      const commands = engines.map((one) => ({
        name: one.name,
        measure: () => elapsedMs(() => cliRun(one)),
      }));
      const ran = await interleaved(commands, rounds);
      report.row({ name: 'docker run -p', unit: 'ms', samples: ran, aim: { ratio: 0.5 } });
      const cycles = engines.map(({ name, engine }) => ({
        name,
        measure: async () => {
          const once = () => oneRun(engine, PLUGGED);
          return (
            (await elapsedMs(() => repeated(PARALLEL_CYCLES, TOGETHER, once))) / PARALLEL_CYCLES
          );
        },
      }));
      const together = await interleaved(cycles, Math.min(rounds, 5));
      report.row({ name: `${TOGETHER} at a time`, unit: 'ms', samples: together });
    } finally {
      await stop();
    }
  },
};

const CROWD = 200;
const FIRST = 'member-0';
/** Says `ok` for each whose name is answered and whose address then answers, too. */
const LOOK_UP_ALL = `
for n in $(seq 0 ${CROWD - 1}); do
  address=$(nslookup -type=a member-$n | sed -n '/^Name:/,$ s/^Address: //p')
  ping -c 1 -W 2 -q "$address" >/dev/null && echo ok
done`;

export const names: Bench = {
  name: 'names',
  about: `${CROWD} containers on one network, each looked up by its name from the first`,
  run: async ({ contenders }, report) => {
    const { engines } = await contenders();
    const [ours] = engines;
    if (ours === undefined) return;
    const { engine, docker } = ours;
    const network = { Name: 'crowd' };
    await asked(engine, 'POST', '/networks/create', network);
    const ids: string[] = [];
    const starts: number[] = [];
    try {
      await repeated(CROWD, TOGETHER, async (index) => {
        const config = { HostConfig: { NetworkMode: 'crowd' } };
        const id = await created(engine, ['sleep', '100000'], config);
        ids.push(id);
        await asked(engine, 'POST', `/containers/${id}/rename?name=member-${index}`);
        starts.push(await elapsedMs(() => asked(engine, 'POST', `/containers/${id}/start`)));
      });
      let answered = '';
      const ms = await elapsedMs(async () => {
        answered = (await docker('exec', FIRST, 'sh', '-c', LOOK_UP_ALL)).stdout;
      });
      const reached = answered.split('\n').filter((line) => line === 'ok').length;
      report.row({
        name: 'reached by name',
        unit: 'names',
        samples: { shiplog: [reached] },
        aim: { atLeast: CROWD },
      });
      report.row({
        name: 'start, 8 at a time',
        unit: 'ms',
        samples: { shiplog: [median(starts)] },
      });
      report.row({ name: 'look up and ping', unit: 'ms', samples: { shiplog: [ms / CROWD] } });
    } finally {
      await repeated(ids.length, TOGETHER, (index) => removed(engine, ids[index] ?? ''));
      await asked(engine, 'DELETE', '/networks/crowd');
    }
  },
};
