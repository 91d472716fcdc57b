/** `shiplog verify`: whether the record is whole, of a daemon or of a file. */
import type { NativeVerified } from '../../api/openapi.gen.ts';
import { ATTENTION, type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { bar, counted } from '../layout.ts';
import { OptionError } from '../optionError.ts';
import { readText } from '../readText.ts';

export const verify: Command = {
  name: 'verify',
  usage: 'verify [LOG] [--expect POSITION:HASH | --witness FILE] [--quick]',
  text: `Checks that nothing in the log was changed: the hash chain over all facts, their order and
versions, that each transition folds to the state that it recorded, and that open work, claims and
read models follow from the facts. It names the first bad row.

Without LOG it asks the daemon, which goes on meanwhile. LOG is a file: a copy, or that of a daemon
that does not run. What is edited, inserted, deleted or moved is found from the log alone; what was
cut off at its end only by a witness: position and hash as they were once, kept elsewhere. The
daemon keeps one outside of its data root and prints it when it ends. docs/security.md says what
root can forge all the same.

Exit status: 0 the log is whole; 2 it is not; 1 it could not be checked.`,
  flags: [
    ['--expect POSITION:HASH', 'This fact with this hash has to be in it'],
    ['--witness FILE', 'The same, out of a file that the daemon wrote'],
    ['--quick', 'Chain and tables alone; transitions and read models are not folded again'],
  ],
  examples: [
    'shiplog verify',
    'shiplog verify /mnt/copy/log.db --witness /mnt/usb/head-witness',
    'shiplog verify log.db --expect 12:3f1c…',
  ],
  async run(argv, around) {
    const { values, positionals } = parseFlags('verify', argv, {
      expect: { type: 'string' },
      witness: { type: 'string' },
      quick: { type: 'boolean' },
    });
    const [log, ...more] = positionals;
    if (more.length > 0) throw new OptionError("name one log\nSee 'shiplog verify --help'.");
    const expect = await expected(values.expect, values.witness);
    const { client, json } = connect(values, around);
    const progress = bar('verifying', around);
    const found =
      log === undefined
        ? await client.verify({ expect, quick: values.quick }, progress)
        : await offline(log, expect, values.quick === true, progress);
    around.progress('');
    around.print(json ? JSON.stringify(found) : shown(found));
    return found.ok ? OK : ATTENTION;
  },
};

/** @throws OptionError for what is no witness */
async function expected(text: string | undefined, file: string | undefined) {
  if (text !== undefined && file !== undefined) {
    throw new OptionError('--expect and --witness say the same: give one of the two');
  }
  const given = file === undefined ? text : readText(file);
  if (file !== undefined && given === undefined) throw new OptionError(`there is no ${file}`);
  if (given === undefined) return undefined;
  const { parseWitness, printWitness } = await import('../replay/witness.ts');
  const witness = parseWitness(given.trim());
  if (witness === undefined) throw new OptionError(`no witness, POSITION:HASH: ${given.trim()}`);
  return printWitness(witness);
}

async function offline(
  path: string,
  expect: string | undefined,
  quick: boolean,
  progress: (done: number, of: number) => void,
): Promise<NativeVerified> {
  const { checked } = await import('../replay/check.ts');
  const found = checked(path, expect, quick, progress);
  if (found === undefined) throw new OptionError(`no witness, POSITION:HASH: ${expect}`);
  return { kind: 'verified', ...found };
}

/** Everything that `verify` says, as text. */
export function shown(found: NativeVerified): string {
  const { ok, facts = 0, position = facts, hash = '', table, row, problem } = found;
  if (!ok) return `NOT whole: the first bad row is ${table} ${row}: ${problem}`;
  return `whole: ${counted(facts, 'fact')}\nhead ${position}:${hash}`;
}
