/** `shiplog import`: checks an exported file and lays it out as a log. */
import { ATTENTION, type Command, OK } from '../command.ts';
import { parseFlags } from '../connect.ts';
import { bar } from '../layout.ts';
import { OptionError } from '../optionError.ts';

export const importLog: Command = {
  name: 'import',
  usage: 'import FILE DIRECTORY [--expect POSITION:HASH]',
  text: `Checks an export or a backup as shiplog verify does, and if it is whole lays it out as
DIRECTORY/log.db, which must not be there yet. A daemon can be started on a whole log (with
--data-root DIRECTORY); the part of one container is for verify and replay.

Exit status: 0 it is there; 2 the file is not whole, and nothing was written; 1 it could not be
done: there is a log in DIRECTORY already, or FILE is none.`,
  flags: [['--expect POSITION:HASH', 'This fact with this hash has to be in it']],
  examples: ['shiplog import incident.db /srv/incident'],
  offline: true,
  async run(argv, around) {
    const { values, positionals } = parseFlags('import', argv, { expect: { type: 'string' } });
    const [file, directory, ...more] = positionals;
    if (file === undefined || directory === undefined || more.length > 0) {
      throw new OptionError("name a file and a directory\nSee 'shiplog import --help'.");
    }
    const { checked } = await import('../replay/check.ts');
    const { layOut, placeFor } = await import('../replay/layOut.ts');
    placeFor(directory);
    const found = checked(file, values.expect, false, bar('verifying', around));
    around.progress('');
    if (found === undefined) {
      throw new OptionError(`no witness, POSITION:HASH: ${values.expect}`);
    }
    const { shown } = await import('./verify.ts');
    if (found.ok) {
      around.progress('copying');
      layOut(file, directory);
      around.progress('');
    }
    const verified = { kind: 'verified', ...found } as const;
    around.print(values.format === 'json' ? JSON.stringify(verified) : shown(verified));
    return found.ok ? OK : ATTENTION;
  },
};
