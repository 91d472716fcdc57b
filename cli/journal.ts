/** The daemon's own log lines: pretty for people on a terminal, JSON for machines otherwise. */
import { type Logger, pino } from 'pino';
import type { Options } from './options.ts';

/** On stderr, so that stdout has only what the user may want to evaluate. */
export function openJournal({ logLevel, debug }: Pick<Options, 'logLevel' | 'debug'>): Logger {
  const level = debug ? 'debug' : logLevel;
  if (!process.stderr.isTTY) return pino({ level }, pino.destination({ dest: 2, sync: false }));
  return pino({ level, transport: { target: 'pino-pretty', options: { destination: 2 } } });
}
