/** `shiplog reload`: have the daemon read its configuration file anew. */
import type { NativeReloadReport } from '../../api/openapi.gen.ts';
import { ATTENTION, type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';

export const reload: Command = {
  name: 'reload',
  usage: 'reload',
  text: `Has the daemon read its configuration file anew, as SIGHUP does, and tells what became of
it. What can change while containers run does so at once; runtimes can be used when the command
returns. A container keeps the runtime that it was started with until its next start.

Exit status: 0 all of the file holds now; 2 some of it needs a restart, or comes with a warning;
1 the file is wrong, and nothing has changed.`,
  flags: [],
  examples: ['shiplog reload'],
  async run(argv, around) {
    const { values } = parseFlags('reload', argv, {});
    const { client, json } = connect(values, around);
    const report = await client.reload();
    around.print(json ? JSON.stringify(report) : shown(report));
    return report.atRestart.length + report.warnings.length > 0 ? ATTENTION : OK;
  },
};

function shown({ changed, atRestart, warnings }: NativeReloadReport): string {
  return [
    changed.length === 0 ? 'nothing changed\n' : `changed: ${changed.join(', ')}\n`,
    ...(atRestart.length === 0 ? [] : [`not before a restart: ${atRestart.join(', ')}\n`]),
    ...warnings.map((warning) => `warning: ${warning}\n`),
  ].join('');
}
