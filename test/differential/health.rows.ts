/** What both engines are asked of health checks. */
import { member, type Row } from './rowKinds.ts';
import { body, type StateName } from './states.ts';

const check = (values: object): object => body({ Healthcheck: values });

const create = (what: string, asked: unknown): Row => ({
  title: `create with ${what}`,
  method: 'POST',
  path: '/containers/create',
  body: asked,
});

/** The health that inspect shows: of the results what does not differ from one time to the next. */
function health(answer: unknown): unknown {
  const found = member(answer, 'State', 'Health');
  if (found === null) return null;
  const log: unknown = Reflect.get(found, 'Log');
  const [first] = Array.isArray(log) ? log : [];
  const result = first && [Object.keys(first).toSorted(), first.ExitCode, first.Output];
  return [Reflect.get(found, 'Status'), result ?? 'no result', Array.isArray(log)];
}

const config = (answer: unknown): unknown =>
  Object.entries(member(answer, 'Config', 'Healthcheck') ?? {}).toSorted();

const inspect = (state: StateName, what: string, show: (answer: unknown) => unknown): Row => ({
  title: `${state}: ${what}`,
  state,
  method: 'GET',
  path: '/containers/{c}/json',
  show,
});

const STATES: readonly StateName[] = [
  'created, with a check',
  'running, with a check',
  'running, without its check',
  'exited, failing its check',
  'exited, missing its check',
  'exited, late with its check',
];

export const HEALTH_ROWS: readonly Row[] = [
  create('a short interval', check({ Interval: 1 })),
  create('a negative interval', check({ Interval: -1 })),
  create('a short timeout', check({ Timeout: 999_999 })),
  create('negative retries of a check', check({ Retries: -1 })),
  create('a short start period', check({ StartPeriod: 1 })),
  create('all of it wrong', check({ Interval: 1, Timeout: 1, Retries: -1, StartPeriod: 1 })),
  create('a check of an unknown kind', check({ Test: ['WHAT'] })),
  ...STATES.map((state) => inspect(state, 'its health', health)),
  inspect('running, with a check', 'its check', config),
  inspect('running, without its check', 'its check', config),
  ...['starting', 'healthy', 'none'].map((word) => ({
    title: `running, with a check: list of ${word}`,
    state: 'running, with a check' as const,
    method: 'GET',
    path: `/containers/json?filters={"health":["${word}"],"name":["{c}"]}`,
    show: (answer: unknown) =>
      (answer as { Status: string }[]).map(({ Status }) => Status.replace(/^Up .*? \(/, '(')),
  })),
];
