/** `shiplog why`: why a container is as it is. */
import type { NativeLink, NativeWhy } from '../../api/openapi.gen.ts';
import { type Command, OK } from '../command.ts';
import { about, connect, parseFlags } from '../connect.ts';
import { coloured, columns, moment, shortId, waitingLine, wrapped } from '../layout.ts';
import { OptionError } from '../optionError.ts';

export const why: Command = {
  name: 'why',
  usage: 'why CONTAINER',
  text: `Says why a container is in its state, in plain sentences, and then the chain of facts that
led there: who asked for what, what was decided, what was done about it, and what came of it, with
its newest execs, its networks, and how its health changed. Each line begins with the position in
the log, by which shiplog events shows the fact whole.

CONTAINER is an id, a unique prefix of one, or the name of a container that is not removed.

Exit status: 0 it was found; 1 it was not, or the daemon does not answer.`,
  flags: [],
  examples: ['shiplog why web', 'shiplog why web --format json | jq -r .answer'],
  async run(argv, around) {
    const { values, positionals } = parseFlags('why', argv, {});
    const [ref] = positionals;
    if (ref === undefined || positionals.length > 1) {
      throw new OptionError("name one container\nSee 'shiplog why --help'.");
    }
    const { client, json } = connect(values, around);
    const answer = await about(ref, client.why(ref));
    around.print(json ? JSON.stringify(answer) : shown(answer, around.terminal));
    return OK;
  },
};

function line({ position, at, sentence, effect }: NativeLink): readonly string[] {
  const outcome = effect === null ? '' : ` (answer to ${effect})`;
  return [`  ${position}`, moment(at), `${sentence}${outcome}`];
}

/** Everything that `why` says, as text. */
export function shown({ id, name, state, answer, waitsFor, chain }: NativeWhy, terminal: boolean) {
  return [
    `${name} (${shortId(id)}): ${coloured(state, terminal)}\n`,
    `${wrapped(answer)}\n`,
    ...(waitsFor === null ? [] : [`It waits for ${waitingLine(waitsFor)}\n`]),
    '\nhow it came to that\n',
    columns(chain.map(line)),
  ].join('');
}
