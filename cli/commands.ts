/** Every subcommand there is, in the order in which help lists them. */
import type { Command } from './command.ts';
import { daemon } from './commands/daemon.ts';
import { inspect } from './commands/inspect.ts';
import { reconcile } from './commands/reconcile.ts';
import { status } from './commands/status.ts';

export const COMMANDS: readonly Command[] = [status, inspect, reconcile, daemon];
