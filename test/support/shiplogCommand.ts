/** The shiplog command run in this process: all of it but its start, which costs the most. */
import { COMMANDS } from '../../cli/commands.ts';
import type { Ran, TemporaryDaemon } from './temporaryDaemon.ts';

export type Shiplog = (...args: readonly string[]) => Promise<Ran>;

export function shiplogOf({ socket }: Pick<TemporaryDaemon, 'socket'>): Shiplog {
  return async (name = '', ...rest) => {
    const listed = COMMANDS.find((one) => one.name === name);
    if (listed === undefined) throw new Error(`there is no command ${name}`);
    let stdout = '';
    const around = {
      print: (text: string) => {
        stdout += text.endsWith('\n') ? text : `${text}\n`;
      },
      progress: () => undefined,
      pause: async () => undefined,
      env: { DOCKER_HOST: `unix://${socket}` },
      terminal: false,
    };
    try {
      const command = await listed.load();
      return { code: await command.run(rest, around), stdout, stderr: '' };
    } catch (error) {
      return { code: 1, stdout, stderr: `shiplog: ${(error as Error).message}\n` };
    }
  };
}
