/** `shiplog export`: the log, or one container of it, as one file to give away. */
import { type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { bar } from '../layout.ts';
import { OptionError } from '../optionError.ts';

export const exportLog: Command = {
  name: 'export',
  usage: 'export FILE [--container CONTAINER] [--reveal NAME...]',
  text: `Writes the log, or what concerns one container, into a new file that shiplog verify, replay
and import take on any machine. Values of the environment stay behind: the facts hold salted
digests of them, and verify without. --reveal takes the values of a variable along.

The part of one container carries for each fact the hash of the one before it in the whole log, so
that nothing in it can be changed; that it belongs to a log is seen by comparing a position's hash.

Exit status: 0 the file is there, whole; 1 it could not be made, or there was one already.`,
  flags: [
    ['--container CONTAINER', 'Only this one: id, prefix or name; also one that is removed'],
    ['--reveal NAME', 'Take the values of this variable along; may be repeated'],
  ],
  examples: ['shiplog export incident.db', 'shiplog export web.db --container web'],
  async run(argv, around) {
    const { values, positionals } = parseFlags('export', argv, {
      container: { type: 'string' },
      reveal: { type: 'string', multiple: true },
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) {
      throw new OptionError("name one file\nSee 'shiplog export --help'.");
    }
    const { client, json } = connect(values, around);
    const { container, reveal = [] } = values;
    around.progress('the daemon makes the copy');
    await client.export(file, { container, reveal }, bar('copying', around));
    around.progress('');
    around.print(json ? JSON.stringify({ file }) : file);
    return OK;
  },
};
