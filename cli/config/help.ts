/** What `--help` prints: the table of options, a line each. */
import { flagOf, OPTIONS, type OptionName, type OptionRow, SECTIONS } from './table.ts';

const WIDTH = 33;

function line(short: string, flag: string, shown: string, does: string): string {
  const start = `  ${short === '' ? '   ' : `-${short},`} --${flag} ${shown}`;
  if (start.length < WIDTH) return `${start.padEnd(WIDTH)}${does}`;
  return `${start}\n${' '.repeat(WIDTH)}${does}`;
}

function optionLine(name: OptionName): string {
  const { short = '', kind, does }: OptionRow<unknown> = OPTIONS[name];
  return line(short, flagOf(name), kind.shown, does);
}

const sections = Object.entries(SECTIONS).map(([title, rows]) => {
  const names = Object.keys(rows) as OptionName[];
  return `${title}:\n${names.map(optionLine).join('\n')}\n`;
});

export function helpText(configFile: string): string {
  const own = [
    line('', 'config-file', 'FILE', `Options as JSON (default ${configFile}, if it exists)`),
    line('', 'validate', '', 'Check flags and file, and exit'),
    line('v', 'version', '', 'Print the version'),
    line('h', 'help', '', 'Print this'),
  ];
  return `Usage: shiplog daemon [OPTIONS]

A container daemon whose truth is an append-only event log; it speaks the Docker Engine API.
In the file, options have the same names, lists in the plural; docs/configuration.md has them all.

${sections.join('\n')}
General:
${own.join('\n')}
`;
}
