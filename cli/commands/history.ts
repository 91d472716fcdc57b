/** `shiplog history`: every fact of a container, from the first one on. */
import type { NativeEvent } from '../../api/openapi.gen.ts';
import { type Command, OK } from '../command.ts';
import { about, connect, parseFlags } from '../connect.ts';
import { OptionError } from '../optionError.ts';
import { shown } from './events.ts';

export const history: Command = {
  name: 'history',
  usage: 'history CONTAINER',
  text: `Prints every fact of a container and of its runs, execs and health, from the first one on:
position, time, stream, fact, the state after it, and who asked. It is shiplog events for one
container; shiplog why says what it comes to.

CONTAINER is an id, a unique prefix of one, or the name of a container that is not removed.

Exit status: 0 it was found; 1 it was not, or the daemon does not answer.`,
  flags: [],
  examples: ['shiplog history web', 'shiplog history web --format json | jq .type'],
  async run(argv, around) {
    const { values, positionals } = parseFlags('history', argv, {});
    const [ref, ...more] = positionals;
    if (ref === undefined || more.length > 0) {
      throw new OptionError("name one container\nSee 'shiplog history --help'.");
    }
    const { client, json } = connect(values, around);
    const form = json ? (one: NativeEvent) => JSON.stringify(one) : shown(around.terminal);
    const { id } = await about(ref, client.container(ref));
    for await (const one of client.events({ containers: [id] })) {
      const line = one.kind === 'caught-up' ? '' : form(one);
      if (line !== '') around.print(line);
    }
    return OK;
  },
};
