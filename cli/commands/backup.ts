/** `shiplog backup`: the whole log of a running daemon as one file. */
import { type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { bar } from '../layout.ts';
import { OptionError } from '../optionError.ts';

export const backup: Command = {
  name: 'backup',
  usage: 'backup FILE',
  text: `Copies the log of a running daemon as it is now into a new file, secrets included: put in a
data root as log.db it is what a daemon goes on from. The daemon works on meanwhile. A backup looks
like a log that was cut, so a witness of later tells it: restoring one is an act on record outside.

Exit status: 0 the file is there, whole; 1 it could not be made.`,
  flags: [],
  examples: ['shiplog backup /mnt/backup/log-$(date +%F).db'],
  async run(argv, around) {
    const { values, positionals } = parseFlags('backup', argv, {});
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) {
      throw new OptionError("name one file\nSee 'shiplog backup --help'.");
    }
    const { client, json } = connect(values, around);
    await client.backup(file, bar('copying', around));
    around.progress('');
    around.print(json ? JSON.stringify({ file }) : file);
    return OK;
  },
};
