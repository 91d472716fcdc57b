/**
 * `npm run demo`: what shiplog is about, in under a minute: two containers, a daemon that is killed
 * in between, and what the log says of it. Everything lies under one temporary directory, which is
 * gone in the end.
 */
import { loadImage } from '../support/loadedDaemon.ts';
import { shiplogOf } from '../support/shiplogCommand.ts';
import {
  type Ran,
  startTemporaryDaemon,
  type TemporaryDaemon,
} from '../support/temporaryDaemon.ts';

const say = (text: string): void => void process.stdout.write(text);
const bold = (text: string): string => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);

function show(explained: string, command: string, { stdout, stderr }: Ran): void {
  say(`\n# ${explained}\n${bold(`$ ${command}`)}\n${stdout}${stderr}`);
}

async function tour(daemon: TemporaryDaemon): Promise<void> {
  const shiplog = shiplogOf(daemon);
  const asDocker = async (explained: string, ...args: readonly string[]) =>
    show(explained, `docker ${args.join(' ')}`, await daemon.docker(...args));
  const asShiplog = async (explained: string, ...args: readonly string[]) =>
    show(explained, `shiplog ${args.join(' ')}`, await shiplog(...args));

  const sleep = ['run', '-d', '--name', 'web', 'busybox', 'sleep', '600'];
  await asDocker('A container that runs, by the docker command as you know it.', ...sleep);
  const typo = ['run', '--name', 'typo', 'busybox', 'slep', '5'];
  await asDocker('And one that fails: its command is misspelt.', ...typo);

  say(`\n# Now the daemon is killed, without a warning, and started again.\n`);
  say(bold(`$ kill -9 ${daemon.pid()}\n`));
  await daemon.kill9();
  if (!(await daemon.boot())) throw new Error('the daemon did not come back');

  await asDocker('The container has run on, and the new daemon knows all of it.', 'ps', '-a');
  await asShiplog(
    'Why does typo not run? The log knows who asked, and what came of it.',
    'why',
    'typo',
  );
  await asDocker('Somebody stops the other one ...', 'stop', '-t', '0', 'web');
  await asShiplog('... and is on record for it.', 'why', 'web');
  await asShiplog(
    'Its whole history: each fact was written before it was acted upon.',
    'history',
    'web',
  );
  await asShiplog('Nobody has changed a line of it: the record proves itself.', 'verify');
}

const daemon = await startTemporaryDaemon();
try {
  await loadImage(daemon);
  await tour(daemon);
} finally {
  await daemon.stop();
}
say('\n# Everything of this demo is gone again. To begin: npm start\n');
