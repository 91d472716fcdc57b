/** One container from create to removed: by the API, by the docker command, eight at a time. */
import type { Bench } from './bench.ts';
import type { Contender } from './contenders.ts';
import { oneRun } from './engine.ts';
import { elapsedMs, interleaved, REST_MS, repeated } from './interleaved.ts';
import type { Row } from './report.ts';

const ROUNDS = 15;
const STEPS = ['create', 'start', 'wait', 'remove', 'whole'] as const;
const TOGETHER = 8;
/** So many cycles are one sample of those at a time. */
const PARALLEL_CYCLES = 16;
const CLI_AIM = 0.55;

type Times = Readonly<Record<string, number>>;

export const runs: Bench = {
  name: 'runs',
  about: 'create, start, wait and remove by the API, one after the other, --network none',
  run: async ({ rounds = ROUNDS, contenders }, report) => {
    const { engines, raw } = await contenders();
    const all: Record<string, Times[]> = {};
    const keeping = (name: string, once: () => Promise<Times>) => ({
      name,
      measure: async () => {
        const times = await once();
        all[name] = [...(all[name] ?? []), times];
        return times['whole'] ?? Number.NaN;
      },
    });
    const ours = engines.map(({ name, engine }) => keeping(name, () => oneRun(engine)));
    await interleaved([...ours, keeping('containerd', () => raw.oneRun())], rounds, REST_MS);
    for (const step of STEPS) {
      const names = Object.keys(all);
      const samples = names.map(
        (name) => [name, (all[name] ?? []).slice(1).map(ms(step))] as const,
      );
      const row: Row = { name: step, unit: 'ms', samples: Object.fromEntries(samples) };
      report.row(step === 'whole' ? { ...row, name: 'run cycle', aim: { ratio: CLI_AIM } } : row);
    }
  },
};

function ms(step: string) {
  return (times: Times): number => times[step] ?? Number.NaN;
}

async function cliRun({ name, docker }: Contender): Promise<void> {
  const ran = await docker('run', '--rm', '--network', 'none', 'busybox', 'true');
  if (ran.code !== 0) throw new Error(`${name}: docker run: ${ran.stderr}`);
}

export const cli: Bench = {
  name: 'cli',
  about: 'docker run --rm --network none busybox true',
  run: async ({ rounds = ROUNDS, contenders }, report) => {
    const { engines } = await contenders();
    const turns = engines.map((one) => ({
      name: one.name,
      measure: () => elapsedMs(() => cliRun(one)),
    }));
    const samples = await interleaved(turns, rounds, REST_MS);
    report.row({ name: 'docker run', unit: 'ms', samples, aim: { ratio: CLI_AIM } });
  },
};

export const parallel: Bench = {
  name: 'parallel',
  about: `${TOGETHER} run cycles at a time by the API`,
  run: async ({ rounds = 5, contenders }, report) => {
    const { engines, raw } = await contenders();
    const turn = (name: string, once: () => Promise<unknown>) => ({
      name,
      measure: async () =>
        (await elapsedMs(() => repeated(PARALLEL_CYCLES, TOGETHER, once))) / PARALLEL_CYCLES,
    });
    const turns = [
      ...engines.map(({ name, engine }) => turn(name, () => oneRun(engine))),
      turn('containerd', () => raw.oneRun()),
    ];
    const samples = await interleaved(turns, rounds);
    report.row({ name: 'time a cycle', unit: 'ms', samples, aim: { ratio: 0.6 } });
  },
};
