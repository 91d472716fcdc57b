/**
 * What a reload makes of the configuration: what can change live does, what can not keeps its value
 * and is named. Pure; on anything wrong it throws, and nothing has changed.
 */
import type { Flags } from './config/flags.ts';
import type { ReadFile } from './config/settings.ts';
import { type GivenOptions, OPTION_NAMES, OPTIONS, type OptionName } from './config/table.ts';
import { complete, merged, type Options, readConfig } from './options.ts';

export interface Reloaded {
  readonly options: Options;
  /** Options whose value is another one now. */
  readonly changed: readonly OptionName[];
  /** What the file says now, and what only a restart will bring. */
  readonly atRestart: readonly OptionName[];
}

/** @throws OptionError, with the text that a start with this file would give */
export function reloaded(current: Options, flags: Flags, readFile: ReadFile): Reloaded {
  const file = readConfig(flags, readFile);
  const wanted = merged(flags, file);
  // All of it must hold, also what comes only with a restart.
  complete(wanted, file.path, readFile);
  const given = Object.fromEntries(
    OPTION_NAMES.map((name) => [name, nextOf(name, current.given, wanted, file.given)]).filter(
      ([, value]) => value !== undefined,
    ),
  ) as GivenOptions;
  const { seccomp } = current.defaults;
  const profile = (path: string): string | undefined =>
    seccomp.kind === 'file' && seccomp.path === path ? seccomp.text : readFile(path);
  const differs = (one: GivenOptions, other: GivenOptions) =>
    OPTION_NAMES.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));
  return {
    options: complete(given, file.path, profile),
    changed: differs(current.given, given),
    atRestart: differs(given, wanted).filter((name) => OPTIONS[name].live !== true),
  };
}

/** As dockerd: what is absent or empty keeps its value, but for some, whose default comes back. */
function nextOf(
  name: OptionName,
  current: GivenOptions,
  wanted: GivenOptions,
  file: GivenOptions,
): unknown {
  const { live, forgets } = OPTIONS[name];
  if (live !== true) return current[name];
  if (file[name] === undefined) return forgets ? wanted[name] : current[name];
  return file[name] === '' ? current[name] : wanted[name];
}
