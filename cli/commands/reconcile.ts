/** `shiplog reconcile`: compare the log with containerd now, and follow what is so. */
import type { NativeReconcileReport } from '../../api/openapi.gen.ts';
import { ATTENTION, type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { counted } from '../layout.ts';
import { OptionError } from '../optionError.ts';

export const reconcile: Command = {
  name: 'reconcile',
  usage: 'reconcile [--dry-run | --adopt [ID...]]',
  text: `Compares the log with what containerd has. The daemon does this by itself at its start and
whenever containerd comes back. Differences become facts of the log: a
container that somebody paused is shown as paused. What the log does not know is never touched,
only named; --adopt takes it over: its task is then a container that docker inspects, stops and
removes. What its record does not tell (output, environment) stays unknown, and it can not be
started again.

Exit status: 0 nothing differs, or what differs was recorded; 2 something differs (--dry-run), or
could not be adopted (--adopt); 1 it could not be compared.`,
  flags: [
    ['--dry-run', 'Only look: nothing is recorded, nothing is changed'],
    ['--adopt [ID...]', 'Take over what is unknown: these, or all that can be'],
  ],
  examples: [
    'shiplog reconcile --dry-run || echo something differs',
    'shiplog reconcile --adopt web-by-hand',
  ],
  async run(argv, around) {
    const own = { 'dry-run': { type: 'boolean' }, adopt: { type: 'boolean' } } as const;
    const { values, positionals } = parseFlags('reconcile', argv, own);
    const { adopt = false, 'dry-run': dryRun = false } = values;
    if (dryRun && adopt) throw new OptionError('a dry run adopts nothing: give one of the two');
    if (!adopt && positionals.length > 0) {
      throw new OptionError("ids stand behind --adopt\nSee 'shiplog reconcile --help'.");
    }
    const { client, json } = connect(values, around);
    const adoptAll = adopt && positionals.length === 0;
    const report = await client.reconcile({ dryRun, adoptAll, adopt: positionals });
    around.print(json ? JSON.stringify(report) : shown(report));
    const left = dryRun ? report.differences.length : report.notAdopted.length;
    return left > 0 ? ATTENTION : OK;
  },
};

/** Everything that `reconcile` says, as text. */
export function shown({ checked, differences, adopted, notAdopted }: NativeReconcileReport) {
  const same =
    differences.length === 0 ? `${counted(checked, 'container')} compared, nothing differs\n` : '';
  return [
    same,
    ...differences.map(({ sentence }) => `${sentence}\n`),
    ...adopted.map((id) => `adopted: ${id}\n`),
    ...notAdopted.map(({ id, reason }) => `not adopted: ${id}: ${reason}\n`),
  ].join('');
}
