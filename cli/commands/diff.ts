/** `shiplog diff`: what became of the containers between two positions or instants. */
import type { NativeSummary } from '../../api/openapi.gen.ts';
import { type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { columns, painted, shortId } from '../layout.ts';
import { OptionError } from '../optionError.ts';
import { exitWords } from './ps.ts';

export const diff: Command = {
  name: 'diff',
  usage: 'diff --from WHEN [--to WHEN] [CONTAINER]',
  text: `Compares the containers at two positions of the log, or two instants: which came, which
went, and what changed of the others. Without --to it compares with now. CONTAINER (id, prefix or
name) limits it to one. What changed in a container's files is told by docker diff.

Exit status: 0 they were compared; 1 the daemon refused or does not answer.`,
  flags: [
    ['--from WHEN', 'A position, RFC 3339, @SECONDS, or a duration ago (10m)'],
    ['--to WHEN', 'The same; default: now'],
  ],
  examples: ['shiplog diff --from 1h', 'shiplog diff --from 1200 --to 1250 web'],
  async run(argv, around) {
    const own = { from: { type: 'string' }, to: { type: 'string' } } as const;
    const { values, positionals } = parseFlags('diff', argv, own);
    const [ref, ...more] = positionals;
    const { from, to } = values;
    if (from === undefined || more.length > 0) {
      throw new OptionError("say from when: --from WHEN\nSee 'shiplog diff --help'.");
    }
    const { client, json } = connect(values, around);
    const [before, after] = [await client.containers(from), await client.containers(to)];
    const changes = compared(before.containers, after.containers).filter(
      ({ id, names }) => ref === undefined || id.startsWith(ref) || names.includes(ref),
    );
    const answer = { from: before.position, to: after.position, changes };
    around.print(json ? JSON.stringify(answer) : shown(changes, around.terminal));
    return OK;
  },
};

export interface Change {
  readonly id: string;
  /** Before and after, if it was renamed. */
  readonly names: readonly string[];
  readonly what: 'created' | 'removed' | 'changed';
  readonly fields: readonly {
    readonly field: string;
    readonly from: string;
    readonly to: string;
  }[];
}

const FIELDS: readonly (readonly [string, (one: NativeSummary) => string])[] = [
  ['name', ({ name }) => name],
  ['state', ({ state }) => state],
  ['health', ({ health }) => health ?? ''],
  ['run', ({ run }) => String(run)],
  ['exit', exitWords],
  ['labels', ({ labels }) => JSON.stringify(Object.entries(labels).toSorted())],
];

/** In the order of `after`, then what is gone. */
export function compared(
  before: readonly NativeSummary[],
  after: readonly NativeSummary[],
): readonly Change[] {
  const old = new Map(before.map((one) => [one.id, one]));
  const left = new Set(old.keys());
  const changes = after.flatMap((one): Change[] => {
    left.delete(one.id);
    const was = old.get(one.id);
    const { id, name, state } = one;
    if (was === undefined) {
      return [
        { id, names: [name], what: 'created', fields: [{ field: 'state', from: '', to: state }] },
      ];
    }
    const fields = FIELDS.flatMap(([field, of]) => {
      const [from, to] = [of(was), of(one)];
      return from === to ? [] : [{ field, from, to }];
    });
    const names = [...new Set([was.name, name])];
    return fields.length === 0 ? [] : [{ id, names, what: 'changed', fields }];
  });
  const gone = before
    .filter(({ id }) => left.has(id))
    .map(({ id, name, state }): Change => {
      const fields = [{ field: 'state', from: state, to: '' }];
      return { id, names: [name], what: 'removed', fields };
    });
  return [...changes, ...gone];
}

/** Everything that `diff` says, as text. */
export function shown(changes: readonly Change[], terminal: boolean): string {
  if (changes.length === 0) return 'nothing changed\n';
  const rows = changes.map(({ id, names, what, fields }) => {
    const said = fields.map(({ field, from, to }) => `${field} ${from || '-'} -> ${to || '-'}`);
    return [shortId(id), names.at(-1) ?? '', what, said.join(', ')];
  });
  const table = columns([['CONTAINER', 'NAME', 'WHAT', 'HOW'], ...rows]);
  return painted(table, [], terminal);
}
