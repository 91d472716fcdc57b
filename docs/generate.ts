/**
 * Writes the diagrams of the machines and the decision table from the code, so that they are never
 * older than it. `node docs/generate.ts` writes, `--check` compares and fails on a difference.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { parse } from 'yaml';
import { NOT_SERVED } from '../api/notServed/table.ts';
import { servedRoutes } from '../api/server.ts';
import { containerStream } from '../machines/container.decide.ts';
import { containerFamily } from '../machines/container.family.ts';
import { containerMachine } from '../machines/container.machine.ts';
import type { Decision, View } from '../machines/decision.ts';
import { execMachine } from '../machines/exec.machine.ts';
import { healthMachine } from '../machines/health.machine.ts';
import { imageFamily } from '../machines/image.family.ts';
import { imageMachine } from '../machines/image.machine.ts';
import { explore, type Model } from '../machines/model.fixture.ts';
import { networkFamily } from '../machines/network.family.ts';
import { networkMachine } from '../machines/network.machine.ts';
import {
  commands,
  containerFacts,
  execCommands,
  execFacts,
  healthFacts,
  imageCommands,
  imageFacts,
  networkCommands,
  networkConfig,
  networkFacts,
  taskFacts,
} from '../machines/samples.fixture.ts';
import { step } from '../machines/step.ts';
import { taskMachine } from '../machines/task.machine.ts';
import type { Fact } from '../machines/words.ts';
import { compatibilityPage } from './compatibility.ts';
import { configurationPage } from './configuration.ts';
import { errorsPage } from './errors.ts';

const here = import.meta.dirname;

/** Guards of the container machine look at these parts of the context. */
const containerFlags = (context: object): string =>
  JSON.stringify([Reflect.get(context, 'everStarted'), Reflect.get(context, 'signals') === 0]);

interface Page {
  readonly path: string;
  readonly text: string;
}

const node = (state: string): string => state.replace('.', '_');
const verb = (fact: string): string => fact.slice(fact.indexOf('.') + 1);

/** Mermaid's state diagram: one arrow for each pair of states, the facts on it. */
function diagram(model: Model): string {
  const byPair = new Map<string, Set<string>>();
  for (const { from, to, fact } of model.arrows) {
    if (from === to) continue;
    const pair = `${from === 'absent' ? '[*]' : node(from)} --> ${node(to)}`;
    byPair.set(pair, (byPair.get(pair) ?? new Set()).add(verb(fact)));
  }
  const names = [...model.states.keys()].filter((state) => state.includes('.'));
  const labels = names.map((state) => `  state "${state}" as ${node(state)}`);
  const arrows = [...byPair].map(([pair, facts]) => `  ${pair} : ${[...facts].join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', ...labels, ...arrows, '```'].join('\n');
}

/** Every (state, fact) that the machine takes, with the state after and the effects asked. */
function transitions(model: Model): string {
  const rows = model.arrows.map(
    ({ from, fact, to, effects }) =>
      `| ${from} | ${fact} | ${from === to ? '—' : to} | ${effects.join(', ')} |`,
  );
  return ['| state | fact | state after | effects asked |', '| --- | --- | --- | --- |']
    .concat([...new Set(rows)].sort())
    .join('\n');
}

function machinePage(
  name: string,
  machine: AnyStateMachine,
  samples: readonly Fact[],
  flags?: (context: object) => string,
): Page {
  const model = explore(machine, samples, flags);
  const text = [
    `# The ${name} machine`,
    '',
    `Generated from \`machines/${name}.machine.ts\` by \`npm run docs\`; do not edit.`,
    'A fact that is not in the table for a state is illegal there: it would be a bug of shiplog.',
    '',
    diagram(model),
    '',
    transitions(model),
    '',
  ].join('\n');
  return { path: `machines/${name}.md`, text };
}

function said(decision: Decision): string {
  switch (decision.kind) {
    case 'facts':
      return decision.drafts.map(({ fact }) => verb(fact.type)).join(', ');
    case 'refused':
      return `refused: ${decision.refusal.kind}`;
    case 'nothing':
      return 'nothing to do';
    case 'defer':
      return 'waits';
    default:
      return decision satisfies never;
  }
}

/**
 * What each command leads to in each state: the answer of container.decide.ts to every pair. A
 * state that both reach is one thing for a container made here, another for an adopted one.
 */
function containerDecisions(begin: 'create-requested' | 'adopt-requested'): readonly string[] {
  const begins = (type: string) => /^container\.(create|adopt)-requested$/.test(type);
  const facts = containerFacts.filter(({ type }) => !begins(type) || type === `container.${begin}`);
  const { states } = explore(containerMachine, facts, containerFlags);
  const exec = execFacts[0] && step(execMachine, undefined, execFacts[0]).state;
  const every = { ...commands, ...execCommands };
  const names = Object.keys(every);
  const rows = [...states].map(([state, at]) => {
    const view: View = {
      state: (stream) => (stream.startsWith('container/') ? at.state : exec),
      holder: () => undefined,
      sharers: () => [],
      held: () => [],
    };
    const cells = Object.values(every).map((command) =>
      said(containerFamily.decide(view, { kind: 'command', command })),
    );
    return `| ${state} | ${cells.join(' | ')} |`;
  });
  return [`| state | ${names.join(' | ')} |`, `| --- |${' --- |'.repeat(names.length)}`, ...rows];
}

function decisionPage(): Page {
  const text = [
    '# Decisions',
    '',
    'Generated from the files `machines/*.decide.ts` by',
    '`npm run docs`; do not edit. A cell says which facts the command leads to in the state of a',
    `\`${containerStream('<id>')}\`, or how it is refused. *waits*: the state ends by itself soon,`,
    'and the command is decided then.',
    '',
    '## Containers',
    '',
    ...containerDecisions('create-requested'),
    '',
    '## Containers that were adopted',
    '',
    'How they were started is not known.',
    '',
    ...containerDecisions('adopt-requested'),
    '',
    ...imageDecisions(),
    '',
    ...networkDecisions(),
    '',
  ].join('\n');
  return { path: 'decisions.md', text };
}

/** What the OpenAPI document says of each `METHOD path`. */
function summaries(): ReadonlyMap<string, string> {
  const { paths }: { paths: Record<string, Record<string, { summary?: string }>> } = parse(
    readFileSync(join(here, '..', 'api', 'openapi.yaml'), 'utf8'),
  );
  const entries = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { summary = '' }]): [string, string] => [
      `${method.toUpperCase()} ${path}`,
      summary,
    ]),
  );
  return new Map(entries);
}

/** Of one image with one reference: without containers, with a stopped and with a running one. */
function imageDecisions(): readonly string[] {
  const { states } = explore(imageMachine, imageFacts);
  const names = Object.keys(imageCommands);
  const users = { 'no container': [], 'a stopped container': ['container/1'] };
  const cases = { ...users, 'a running container': ['container/1'] };
  const rows = [...states].flatMap(([state, at]) =>
    Object.entries(cases).map(([used, sharers]) => {
      const value = used === 'a running container' ? 'running' : 'created';
      const view: View = {
        state: (stream) => (stream.startsWith('container/') ? { value, context: {} } : at.state),
        holder: () => undefined,
        sharers: () => sharers,
        held: () => [],
      };
      const cells = Object.values(imageCommands).map((command) =>
        said(imageFamily.decide(view, { kind: 'command', command })),
      );
      return `| ${state} | ${used} | ${cells.join(' | ')} |`;
    }),
  );
  return [
    '## Images',
    '',
    `| state | used by | ${names.join(' | ')} |`,
    `| --- | --- |${' --- |'.repeat(names.length)}`,
    ...rows,
  ];
}

/** Of one network: without a container that runs in it, and with one. */
function networkDecisions(): readonly string[] {
  const { states } = explore(networkMachine, networkFacts);
  const names = Object.keys(networkCommands);
  const rows = [...states].flatMap(([state, at]) =>
    [[], ['container/1']].map((sharers) => {
      const known = state !== 'absent' && state !== 'removed';
      const view: View = {
        state: () => at.state,
        holder: () => (known ? `network/${networkConfig.id}` : undefined),
        sharers: ({ kind }) => (kind === 'network' ? sharers : []),
        held: () => [],
      };
      const cells = Object.values(networkCommands).map((command) =>
        said(networkFamily.decide(view, { kind: 'command', command })),
      );
      const used = sharers.length === 0 ? 'no container' : 'a running container';
      return `| ${state} | ${used} | ${cells.join(' | ')} |`;
    }),
  );
  return [
    '## Networks',
    '',
    `| state | used by | ${names.join(' | ')} |`,
    `| --- | --- |${' --- |'.repeat(names.length)}`,
    ...rows,
  ];
}

const pages = [
  machinePage('container', containerMachine, containerFacts, containerFlags),
  machinePage('task', taskMachine, taskFacts),
  machinePage('exec', execMachine, execFacts),
  machinePage('health', healthMachine, healthFacts),
  machinePage('image', imageMachine, imageFacts),
  machinePage('network', networkMachine, networkFacts),
  decisionPage(),
  { path: 'errors.md', text: errorsPage() },
  { path: 'configuration.md', text: configurationPage() },
  {
    path: 'compatibility.md',
    text: compatibilityPage(servedRoutes, NOT_SERVED, summaries()),
  },
];

const check = process.argv.includes('--check');
mkdirSync(join(here, 'machines'), { recursive: true });
for (const { path, text } of pages) {
  const file = join(here, path);
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`docs/${path} is older than the code: run \`npm run docs\` and commit it`);
    process.exitCode = 1;
  }
}
