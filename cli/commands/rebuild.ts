/** `shiplog rebuild`: the read models of a running daemon, folded anew from the facts. */
import type { NativeRebuilt } from '../../api/openapi.gen.ts';
import { ATTENTION, type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { bar, counted } from '../layout.ts';

export const rebuild: Command = {
  name: 'rebuild',
  usage: 'rebuild',
  text: `What ps, inspect and events answer from is derived from the log. This folds all of it anew
beside what the daemon uses, compares the two, and puts right each row that is not what the facts
say. The daemon works on meanwhile, and answers from what it has until a row is put right. Broken
off at any moment it leaves every row as it was, or right.

The facts themselves are not checked: that is what 'shiplog verify' is for.

Exit status: 0 every row was right; 2 some were not, and are now; 1 it could not be done.`,
  flags: [],
  examples: ['shiplog rebuild', 'shiplog rebuild --format json'],
  async run(argv, around) {
    const { values } = parseFlags('rebuild', argv, {});
    const { client, json } = connect(values, around);
    const rebuilt = await client.rebuild(bar('folding', around));
    around.progress('');
    around.print(json ? JSON.stringify(rebuilt) : shown(rebuilt));
    return rebuilt.rows === 0 ? OK : ATTENTION;
  },
};

function shown({ facts, rows, first }: NativeRebuilt): string {
  const folded = `${counted(facts, 'fact')} folded anew`;
  if (rows === 0) return `${folded}: every row was right`;
  const lines = first.map(({ table, row, problem }) => `  ${table} ${row}: ${problem}\n`);
  const more = rows - first.length;
  const rest = more > 0 ? `  and ${more} more\n` : '';
  return `${folded}: ${counted(rows, 'row')} put right\n${lines.join('')}${rest}`;
}
