/**
 * `npm run networks -- [--seed N] [--operations N]`: random operations on networks and containers
 * of a real daemon, with `kill -9`, checked as they go (play.ts). The machine must be quiet: all of
 * its host's links, namespaces, rules and settings are compared; with `--beside`, where others are
 * at work, only what is the daemon's.
 */
import { randomInt } from 'node:crypto';
import { inspect, parseArgs } from 'node:util';
import { startLoadedDaemon } from '../support/loadedDaemon.ts';
import { play } from './play.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    operations: { type: 'string', default: '500' },
    quiet: { type: 'boolean', default: false },
    beside: { type: 'boolean', default: false },
  },
});

const daemon = await startLoadedDaemon({ readyMs: 120_000 });
try {
  const begun = performance.now();
  const played = await play(daemon, {
    seed: Number(values.seed),
    operations: Number(values.operations),
    alone: !values.beside,
    say: (line) => (values.quiet ? undefined : process.stdout.write(`${line}\n`)),
  });
  const seconds = Math.round((performance.now() - begun) / 1000);
  process.stdout.write(`seed ${values.seed}: ${played} operations held, ${seconds} s\n`);
} catch (error) {
  process.stdout.write(`${daemon.output().slice(-6_000)}\n${inspect(error)}\n`);
  process.exitCode = 1;
} finally {
  await daemon.stop();
}
