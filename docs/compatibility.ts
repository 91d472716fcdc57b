/** The page that says of each route of the Engine API whether it works here, from the tables. */
import type { NotServed } from '../api/notServed/table.ts';
import { documentedPath, type Route } from '../api/router.ts';
import {
  CHOSEN_DIFFERENCES,
  NETWORK_DIFFERENCES,
  OPTION_DIFFERENCES,
  UNVERIFIED,
} from './differences.ts';

const ANSWERS: Readonly<Record<NotServed['answer'], string>> = {
  unsupported: '501',
  'no-swarm': '503, as dockerd without swarm',
  'not-in-swarm': '503, as dockerd without swarm',
  experimental: '501, as dockerd that is not experimental',
  'no-such-plugin': '404, as dockerd without plugins',
};

const path = (row: Pick<Route, 'path'>): string => `\`${documentedPath(row)}\``;

/** In lines of at most a hundred columns. */
function item(text: string): string {
  const lines: string[] = [];
  let line = '-';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > 100) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}

const table = (head: string, lines: readonly string[]): string =>
  [head, head.replace(/[^|]+/g, ' --- '), ...lines.toSorted()].join('\n');

/** What dockerd does otherwise on purpose of ours, beside what a route lacks. */
const OTHERWISE: readonly (readonly [subject: string, dockerd: string, shiplog: string])[] = [
  [
    'arguments of runtimes (`runtimeArgs`)',
    'are put into a script as they are: blanks split, a shell expands them',
    'reach the runtime one by one; what a shell would change is a warning',
  ],
  [
    'wrapper scripts at a start of the daemon',
    'are all removed: a container whose runtime left the configuration is lost to exec and signals',
    'stay as long as a container needs them',
  ],
  [
    'unknown keys inside of `runtimes`, `default-ulimits`, …',
    'are ignored',
    'are refused by their path',
  ],
  [
    'restarts by policy',
    'use what the name of the runtime means by then',
    'use the runtime of the run before; a start or restart by hand uses the new meaning',
  ],
  [
    'a restart whose runtime is not there any more',
    'stops what runs, then fails to start it',
    'is refused with the same words, before anything is stopped',
  ],
  ['`live-restore: false`', 'stops containers with the daemon', 'is refused'],
  ['`tcp://` listeners', 'with or without TLS', 'are refused'],
];

/** @param summaries what the OpenAPI document says of each `METHOD path`. */
export function compatibilityPage(
  served: readonly Route[],
  notServed: readonly NotServed[],
  summaries: ReadonlyMap<string, string>,
): string {
  const works = served.map((route) => {
    const said = summaries.get(`${route.method} ${documentedPath(route)}`) ?? '';
    return `| ${path(route)} | ${route.method} | ${said} |`;
  });
  const lacks = notServed.map(
    (row) => `| ${path(row)} | ${row.method} | ${ANSWERS[row.answer]} | ${row.what} |`,
  );
  return [
    '# Compatibility',
    '',
    'Generated from the route tables by `npm run docs`; do not edit. shiplog speaks the Docker',
    'Engine API in all versions from 1.24 to 1.55. What it does not do it refuses by name: nothing',
    'that is asked for is ignored in silence. Options of `POST /containers/create` that do not',
    'work yet are refused with 501 in the same way.',
    '',
    '## Served',
    '',
    table('| path | method | what it does |', works),
    '',
    '## Not served',
    '',
    table('| path | method | answer | what is missing |', lacks),
    '',
    '## Otherwise on purpose',
    '',
    table(
      '| what | dockerd | shiplog |',
      OTHERWISE.map((row) => `| ${row.join(' | ')} |`),
    ),
    '',
    '## Containers that come out otherwise',
    '',
    '`npm run test:differential` compares hundreds of options with dockerd 20.10, in inspect and',
    'from inside the container. These differences are left:',
    '',
    ...OPTION_DIFFERENCES.map(item),
    '',
    'It also compares what both make of networks, in hundreds of stories: networks that are made,',
    'refused, connected and left, ports, names, events. These differences are left:',
    '',
    ...NETWORK_DIFFERENCES.map(item),
    '',
    'And beside what it compares:',
    '',
    ...CHOSEN_DIFFERENCES.map(item),
    '',
    '## Not verified',
    '',
    'What could not be run where shiplog is tested:',
    '',
    ...UNVERIFIED.map(item),
    '',
  ].join('\n');
}
