/** Containers that never ran: create, remove, list and inspect of many. */
import type { Bench } from './bench.ts';
import type { Contender } from './contenders.ts';
import { asked, created, removed } from './engine.ts';
import { elapsedMs, interleaved, repeated } from './interleaved.ts';
import type { Aim, Report } from './report.ts';

/** Created and removed; each engine takes its turn after so many of them. */
const CREATED = 300;
const A_TURN = 25;
const LIST_ROUNDS = 9;
const INSPECTS = 50;
const FILL_TOGETHER = 8;

type Ids = Map<string, string[]>;

function idsOf(ids: Ids, { name }: Contender): string[] {
  const known = ids.get(name);
  if (known !== undefined) return known;
  const fresh: string[] = [];
  ids.set(name, fresh);
  return fresh;
}

/** In turns until `count` are there or gone; one sample is the time for one container. */
async function inTurns(
  engines: readonly Contender[],
  count: number,
  act: (contender: Contender) => Promise<void>,
) {
  const turns = engines.map((one) => ({
    name: one.name,
    measure: async () => {
      const ms = await elapsedMs(() => repeated(A_TURN, 1, () => act(one)));
      return ms / A_TURN;
    },
  }));
  return interleaved(turns, count / A_TURN - 1);
}

export const createRemove: Bench = {
  name: 'create',
  about: `create and remove ${CREATED} containers, one after the other, by the API`,
  run: async ({ contenders }, report) => {
    const { engines } = await contenders();
    const ids: Ids = new Map();
    const creating = await inTurns(engines, CREATED, async (one) => {
      idsOf(ids, one).push(await created(one.engine, ['true']));
    });
    report.row({ name: 'create', unit: 'ms', samples: creating, aim: { ratio: 0.9 } });
    const removing = await inTurns(engines, CREATED, async (one) => {
      const id = idsOf(ids, one).pop();
      if (id !== undefined) await removed(one.engine, id);
    });
    report.row({ name: 'remove', unit: 'ms', samples: removing, aim: { ratio: 0.9 } });
  },
};

async function fill(engines: readonly Contender[], ids: Ids, count: number): Promise<void> {
  for (const one of engines) {
    const known = idsOf(ids, one);
    await repeated(count - known.length, FILL_TOGETHER, async () => {
      known.push(await created(one.engine, ['true']));
    });
  }
}

async function empty(engines: readonly Contender[], ids: Ids): Promise<void> {
  for (const one of engines) {
    const known = idsOf(ids, one);
    await repeated(known.length, FILL_TOGETHER, (at) => removed(one.engine, known[at] ?? ''));
  }
}

async function list(engines: readonly Contender[], count: number, rounds: number, report: Report) {
  const turns = engines.map(({ name, engine }) => ({
    name,
    measure: () => elapsedMs(() => asked(engine, 'GET', '/containers/json?all=1')),
  }));
  const samples = await interleaved(turns, rounds);
  const aim: Aim = { ratio: 0.5 };
  report.row({ name: `list of ${count}`, unit: 'ms', samples, aim });
}

async function inspect(engines: readonly Contender[], ids: Ids, rounds: number, report: Report) {
  const turns = engines.map((one) => ({
    name: one.name,
    measure: async () => {
      const known = idsOf(ids, one);
      const once = (at: number) => asked(one.engine, 'GET', `/containers/${known[at] ?? ''}/json`);
      return (await elapsedMs(() => repeated(INSPECTS, 1, once))) / INSPECTS;
    },
  }));
  const samples = await interleaved(turns, rounds);
  report.row({ name: 'inspect', unit: 'ms', samples, aim: { ratio: 0.9 } });
}

export const lists: Bench = {
  name: 'list',
  about: `list of ${CREATED} and of many (--many), inspect among ${CREATED}`,
  run: async ({ rounds = LIST_ROUNDS, many, contenders }, report) => {
    const { engines } = await contenders();
    const ids: Ids = new Map();
    try {
      await fill(engines, ids, CREATED);
      await list(engines, CREATED, rounds, report);
      await inspect(engines, ids, rounds, report);
      await fill(engines, ids, many);
      await list(engines, many, rounds, report);
    } finally {
      await empty(engines, ids);
    }
  },
};
