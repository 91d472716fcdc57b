/**
 * The command line, as dockerd reads its own: `--name value`, `--name=value`, `-n value` and
 * `-nvalue`.
 */
import { OptionError } from '../optionError.ts';
import { asksNothing, REFUSED_FLAGS, refusedOption } from './refused.ts';
import { flagOf, type GivenOptions, OPTION_NAMES, OPTIONS, type OptionName } from './table.ts';

export interface Flags {
  readonly given: GivenOptions;
  readonly configFile: string | undefined;
  readonly help: boolean;
  readonly version: boolean;
  readonly validate: boolean;
}

/** Flags that are no options: they are not in the file. */
const META = {
  'config-file': { shown: 'FILE', short: '' },
  help: { shown: '', short: 'h' },
  version: { shown: '', short: 'v' },
  validate: { shown: '', short: '' },
} as const;

type MetaName = keyof typeof META;
type Flag = { readonly flag: string; readonly shown: string; readonly short: string };

const FLAGS: readonly Flag[] = [
  ...OPTION_NAMES.map((name) => ({
    flag: flagOf(name),
    shown: OPTIONS[name].kind.shown,
    short: OPTIONS[name].short ?? '',
  })),
  ...(Object.keys(META) as MetaName[]).map((flag) => ({ flag, ...META[flag] })),
];

/** @param argv without the program's name. @throws OptionError in words for the user */
export function parseFlags(argv: readonly string[]): Flags {
  const texts = collect(argv);
  const given = (name: OptionName): readonly string[] => texts.get(flagOf(name)) ?? [];
  const options = OPTION_NAMES.filter((name) => given(name).length > 0).map((name) => [
    name,
    OPTIONS[name].kind.fromFlags(given(name), flagOf(name)),
  ]);
  const on = (meta: MetaName): boolean => texts.has(meta);
  return {
    given: Object.fromEntries(options),
    configFile: texts.get('config-file')?.at(-1),
    help: on('help'),
    version: on('version'),
    validate: on('validate'),
  };
}

/** What `--help` and `--version` are asked beside, nonsense or not, does not matter. */
export function asksOnly(argv: readonly string[]): 'help' | 'version' | undefined {
  if (argv.includes('--help') || argv.includes('-h')) return 'help';
  return argv.includes('--version') || argv.includes('-v') ? 'version' : undefined;
}

function collect(argv: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, string[]>();
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const { flag, value, written } = split(word);
    const taken = value ?? (flag.shown === '' ? 'true' : words.shift());
    if (taken === undefined) throw usage(`flag needs an argument: ${written}`);
    texts.set(flag.flag, [...(texts.get(flag.flag) ?? []), taken]);
  }
  return texts;
}

interface Word {
  readonly flag: Flag;
  readonly value: string | undefined;
  readonly written: string;
}

function split(word: string): Word {
  const [, long, longValue] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (long !== undefined) return { flag: named(long, longValue), value: longValue, written: word };
  const [, short, shortValue] = /^-([^-])(?:=?(.+))?$/s.exec(word) ?? [];
  if (short === undefined) throw usage(`unexpected argument: ${word}`);
  const flag = FLAGS.find((one) => one.short === short);
  if (flag === undefined) {
    throw usage(`unknown shorthand flag: '${short}' in ${word}`);
  }
  return { flag, value: shortValue, written: `'${short}' in ${word}` };
}

function named(long: string, value: string | undefined): Flag {
  const flag = FLAGS.find((one) => one.flag === long);
  if (flag !== undefined) return flag;
  const reason = REFUSED_FLAGS[long];
  if (reason === undefined) throw usage(`unknown flag: --${long}`);
  if (value === undefined || !asksNothing(value === 'false' ? false : value)) {
    throw refusedOption(`--${long}`, reason);
  }
  return { flag: long, shown: '', short: '' };
}

const usage = (message: string): OptionError =>
  new OptionError(`${message}\nSee 'shiplog daemon --help'.`);
