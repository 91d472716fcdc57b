/** The page of all options, from the table that the parser reads them by. */
import { REFUSED } from '../cli/config/refused.ts';
import {
  flagOf,
  OPTIONS,
  type OptionName,
  type OptionRow,
  pathOf,
  SECTIONS,
} from '../cli/config/table.ts';

const HEAD = `# Configuration

Generated from the table of options by \`npm run docs\`; do not edit. Options have dockerd's names.
They come from flags and from a JSON file, \`/etc/shiplog/daemon.json\` unless \`--config-file\`
names another; the same option in both is an error. Of \`runtimes\` alone both sources count, and
the file wins. Unknown names are refused, wrong types with their path. \`shiplog daemon --validate\`
checks flags and file, and exits.

*live*: a reload changes it. What the new file lacks keeps its value, as with dockerd; where it says
*live, forgets*, the default comes back. *none yet*: it is read and checked, and nothing acts on it;
the daemon says so when it starts.

The default bridge is made once, with the data root. What a later start would make of it otherwise
(\`bridge\`, \`bip\`, \`fixed-cidr\`, \`default-gateway\`, \`icc\`, \`ip\`, \`ip-masq\`, \`ipv6\`,
\`mtu\`) is told in the journal and changes nothing, where dockerd makes it anew.
`;

const COLUMNS = `| in the file | type | flag | takes effect | what it does |
| --- | --- | --- | --- | --- |`;

function effect({ live, forgets, idle }: OptionRow<unknown>): string {
  const words = [live ? (forgets ? 'live, forgets' : 'live') : 'at start'];
  return [...words, ...(idle ? ['none yet'] : [])].join('; ');
}

function line(name: OptionName): string {
  const row: OptionRow<unknown> = OPTIONS[name];
  const short = row.short === undefined ? '' : `\`-${row.short}\`, `;
  const cells = [
    `\`${pathOf(name)}\``,
    row.kind.type,
    `${short}\`--${flagOf(name)}\``,
    effect(row),
    row.does,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

export function configurationPage(): string {
  const sections = Object.entries(SECTIONS).map(([title, rows]) => {
    const names = Object.keys(rows) as OptionName[];
    return `## ${title}\n\n${COLUMNS}\n${names.map(line).join('\n')}\n`;
  });
  const refused = Object.entries(REFUSED).map(([name, reason]) => `| \`${name}\` | ${reason} |`);
  return `${HEAD}\n${sections.join('\n')}
## Of dockerd alone

Refused with \`dockerd's option NAME is not supported by shiplog: REASON\`, as flags, too. A value
that asks for nothing (\`false\`, \`""\`, \`[]\`) is taken.

| option | reason |
| --- | --- |
${refused.join('\n')}
`;
}
