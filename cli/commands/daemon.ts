/** `shiplog daemon`: becomes the daemon, main.ts, in the same process. */
import { fileURLToPath } from 'node:url';
import type { Command } from '../command.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));

export const daemon: Command = {
  name: 'daemon',
  usage: 'daemon [OPTIONS]',
  text: `Becomes the daemon: the process id stays, signals reach it as they are. The options
are those of main.ts; 'shiplog daemon --help' lists them.`,
  flags: [['-h, --help', 'List the options of the daemon']],
  examples: ['shiplog daemon --data-root /srv/shiplog'],
  ownHelp: true,
  async run(argv) {
    const env = Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    // No child: who supervises this process supervises the daemon.
    if (process.execve === undefined) throw new Error('this system can not replace a process');
    process.execve(process.execPath, [process.execPath, MAIN, ...argv], Object.fromEntries(env));
    throw new Error('the process was not replaced');
  },
};
