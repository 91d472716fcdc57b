/** `shiplog label`: labels of a container, changed after its creation. */
import { type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { OptionError } from '../optionError.ts';

export const label: Command = {
  name: 'label',
  usage: 'label CONTAINER KEY=VALUE... KEY-...',
  text: `Sets labels of a container that is there already, and takes those away that are written
with a minus behind. The change is on record; what happened before keeps the labels of its time.

Exit status: 0 it is done; 1 it was refused, or the daemon does not answer.`,
  flags: [],
  examples: ['shiplog label web tier=front', 'shiplog label web tier-'],
  async run(argv, around) {
    const { values, positionals } = parseFlags('label', argv, {});
    const [ref, ...given] = positionals;
    if (ref === undefined || given.length === 0) {
      throw new OptionError("name a container and labels\nSee 'shiplog label --help'.");
    }
    const { client, json } = connect(values, around);
    const labels = await client.label(ref, Object.fromEntries(given.map(change)));
    const lines = Object.entries(labels).map(([key, value]) => `${key}=${value}\n`);
    around.print(json ? JSON.stringify(labels) : lines.join(''));
    return OK;
  },
};

function change(text: string): readonly [string, string | null] {
  const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key !== '') return [key, value];
  if (/^[^=]+-$/.test(text)) return [text.slice(0, -1), null];
  throw new OptionError(`neither KEY=VALUE nor KEY-: ${text}`);
}
