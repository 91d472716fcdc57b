/** `shiplog backup`: the whole log of a running daemon as one file. */
import { type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { bar } from '../layout.ts';
import { OptionError } from '../optionError.ts';

export const backup: Command = {
  name: 'backup',
  usage: 'backup FILE',
  text: `Copies the log of a running daemon as it is now into a new file, secrets included. The
daemon works on meanwhile. Put into a data root as log.db it is what a daemon goes on from.

Such a daemon warns that its log was cut, for the head witness beside it knows of later facts:
nobody can put an old log in place unnoticed. With the witness of the time of the backup it is
whole.

Exit status: 0 the file is there, whole; 1 it could not be made, or there was one already.`,
  flags: [],
  examples: ['shiplog backup /mnt/backup/log-$(date +%F).db'],
  async run(argv, around) {
    const { values, positionals } = parseFlags('backup', argv, {});
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) {
      throw new OptionError("name one file\nSee 'shiplog backup --help'.");
    }
    const { client, json } = connect(values, around);
    around.progress('the daemon makes the copy');
    await client.backup(file, bar('copying', around));
    around.progress('');
    around.print(json ? JSON.stringify({ file }) : file);
    return OK;
  },
};
