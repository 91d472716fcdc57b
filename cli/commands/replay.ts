/** `shiplog replay`: folds a copied log anew, on any machine, and shows each transition. */
import { ATTENTION, type Command, OK, type Surroundings } from '../command.ts';
import { parseFlags } from '../connect.ts';
import { bar, coloured, counted } from '../layout.ts';
import { OptionError } from '../optionError.ts';
import { shortStream, stateWord } from './events.ts';

export const replay: Command = {
  name: 'replay',
  usage: 'replay LOG [--until WHEN] [--stream NAME] [--step] [--check]',
  text: `Rebuilds a daemon's state from its log alone and prints each transition: position, time,
stream, fact, the state before and after. It needs neither root nor containerd nor the machine that
the log is from: copy the log there (shiplog backup), or open one of a daemon that does not run.

With --check it prints only what this version of shiplog would fold to something else than was
recorded: a rehearsal of an upgrade on the logs that there are.

Exit status: 0 it was replayed, and with --check nothing differs; 2 with --check something differs;
1 there is no such log.`,
  flags: [
    ['--until WHEN', 'Stop after this position, or instant (RFC 3339)'],
    ['--stream NAME', 'Print only streams of this name or beginning'],
    ['--step', 'Wait for the return key after each transition'],
    ['--check', 'Print only what differs from the record'],
  ],
  examples: [
    'shiplog replay incident.db --until 1200 --stream container/51168',
    'shiplog replay --check /var/lib/shiplog/log.db',
  ],
  offline: true,
  async run(argv, around) {
    const { values, positionals } = parseFlags('replay', argv, {
      until: { type: 'string' },
      stream: { type: 'string' },
      step: { type: 'boolean' },
      check: { type: 'boolean' },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) {
      throw new OptionError("name one log\nSee 'shiplog replay --help'.");
    }
    const { transitions, untilOf } = await import('../replay/transitions.ts');
    const until = values.until === undefined ? null : untilOf(path, values.until);
    if (until === undefined) {
      throw new OptionError(`--until takes a position or an instant: ${values.until}`);
    }
    const wanted = { stream: values.stream ?? '', check: values.check === true };
    const json = values.format === 'json';
    return await play(
      transitions(path, until),
      { ...wanted, json, step: values.step === true },
      around,
    );
  },
};

interface Wanted {
  readonly stream: string;
  readonly check: boolean;
  readonly json: boolean;
  readonly step: boolean;
}

type Transitions = ReturnType<typeof import('../replay/transitions.ts').transitions>;

async function play(all: Transitions, wanted: Wanted, around: Surroundings): Promise<number> {
  const { stream, check, json, step } = wanted;
  const progress = bar('replaying', around);
  const shown = json ? (one: object) => JSON.stringify(one) : lineOf(around.terminal);
  let drift = 0;
  for (;;) {
    const next = all.next();
    if (next.done === true) {
      around.progress('');
      const { facts, streams, open } = next.value;
      const streamed = `${counted(streams, 'stream')}, ${open} of them open`;
      const said = `${counted(facts, 'fact')} of ${streamed}`;
      const differs = drift === 0 ? 'all fold to what was recorded' : `${drift} differ`;
      if (!json) around.print(`${said}: ${differs}`);
      return check && drift > 0 ? ATTENTION : OK;
    }
    const { drift: differs, position, head } = next.value;
    if (differs !== null) drift += 1;
    // Where few lines are printed, nobody sees by them how far it is.
    if (check || stream !== '') progress(position, head);
    if (check && differs === null) continue;
    if (!next.value.stream.startsWith(stream)) continue;
    around.print(shown(next.value));
    if (step) await around.pause();
  }
}

type Transition = Exclude<ReturnType<Transitions['next']>['value'], { facts: number }>;

function lineOf(terminal: boolean): (one: Transition) => string {
  return ({ position, at, stream, type, before, after, drift }) => {
    const states = `${stateWord(before)} -> ${coloured(stateWord(after), terminal)}`;
    const differs = drift === null ? '' : `  ${coloured('drift', terminal)}: ${drift}`;
    const where = [String(position).padStart(7), at, shortStream(stream).padEnd(24)];
    return `${[...where, type.padEnd(28), states].join('  ')}${differs}`;
  };
}
