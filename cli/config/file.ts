/** The configuration file: a JSON object with dockerd's names, each checked for its type. */
import { OptionError } from '../optionError.ts';
import { objectAt } from './kinds.ts';
import { asksNothing, REFUSED, refusedOption } from './refused.ts';
import { type GivenOptions, OPTION_NAMES, OPTIONS, type OptionName } from './table.ts';

/** The object of the options that dockerd does not have. */
const OURS = 'shiplog';

/** @throws OptionError, naming the file, for anything that is not exactly known */
export function parseConfigFile(path: string, text: string): GivenOptions {
  try {
    return optionsOf(parseObject(text));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new OptionError(`unable to configure the daemon with file ${path}: ${error.message}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function optionsOf(file: Fields): GivenOptions {
  const { [OURS]: ours, ...dockers } = file;
  const mine = ours === undefined ? {} : objectAt(ours, OURS);
  const known = (name: string, inOurs: boolean): boolean =>
    OPTION_NAMES.some((one) => one === name && (OPTIONS[one].ours === true) === inOurs);
  const unknown = [
    ...Object.keys(dockers).filter((key) => !known(key, false) && !(key in REFUSED)),
    ...Object.keys(mine)
      .filter((key) => !known(key, true))
      .map((key) => `${OURS}.${key}`),
  ];
  if (unknown.length > 0) {
    const named = unknown.join(', ');
    throw new OptionError(
      `the following directives don't match any configuration option: ${named}`,
    );
  }
  for (const [name, reason] of Object.entries(REFUSED)) {
    if (Object.hasOwn(dockers, name) && !asksNothing(dockers[name])) {
      throw refusedOption(name, reason);
    }
  }
  return { ...read(dockers, ''), ...read(mine, `${OURS}.`) };
}

function read(fields: Fields, prefix: string): GivenOptions {
  const given = OPTION_NAMES.filter(
    (name) => Object.hasOwn(fields, name) && fields[name] !== null,
  ).filter((name) => (OPTIONS[name].ours === true) === (prefix !== ''));
  const value = (name: OptionName): unknown =>
    OPTIONS[name].kind.fromFile(fields[name], `${prefix}${name}`);
  return Object.fromEntries(given.map((name) => [name, value(name)]));
}

/** Nothing but blanks is an empty file; a byte order mark is passed over, as by dockerd. */
function parseObject(text: string): Fields {
  const content = text.replace(/^\uFEFF/, '').trim();
  if (content === '') return {};
  const parsed = parseJson(content);
  if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)) {
    return parsed as Fields;
  }
  throw new OptionError('it must hold one JSON object');
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}
