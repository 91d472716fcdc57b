/**
 * Every subcommand there is, in the order in which help lists them. Each is loaded when it is asked
 * for, so that help is there at once.
 */
import type { Command } from './command.ts';

export interface Listed {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<Command>;
}

export const COMMANDS: readonly Listed[] = [
  {
    name: 'status',
    summary: 'The daemon, its neighbours, what is open, and what waits for what',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'ps',
    summary: 'The containers, now or as they were at any moment',
    load: async () => (await import('./commands/ps.ts')).ps,
  },
  {
    name: 'why',
    summary: 'Why a container is as it is: who asked, what was done, what came of it',
    load: async () => (await import('./commands/why.ts')).why,
  },
  {
    name: 'label',
    summary: 'Set labels of a container, or take them away',
    load: async () => (await import('./commands/label.ts')).label,
  },
  {
    name: 'history',
    summary: 'Every fact of a container, from the first one on',
    load: async () => (await import('./commands/history.ts')).history,
  },
  {
    name: 'events',
    summary: 'What happened, from any position or time on, and what happens',
    load: async () => (await import('./commands/events.ts')).events,
  },
  {
    name: 'inspect',
    summary: 'States, runs and exits of a container, also of a removed one',
    load: async () => (await import('./commands/inspect.ts')).inspect,
  },
  {
    name: 'diff',
    summary: 'What became of the containers between two moments',
    load: async () => (await import('./commands/diff.ts')).diff,
  },
  {
    name: 'replay',
    summary: 'Fold a copied log anew and show each transition; rehearse an upgrade',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  {
    name: 'verify',
    summary: 'Whether the record is whole: of the daemon, or of a file',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  {
    name: 'backup',
    summary: 'The whole log of a running daemon as one file, secrets included',
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  {
    name: 'export',
    summary: 'The log, or one container of it, as one file that verifies, without secrets',
    load: async () => (await import('./commands/export.ts')).exportLog,
  },
  {
    name: 'import',
    summary: 'Check such a file and lay it out as a log',
    load: async () => (await import('./commands/import.ts')).importLog,
  },
  {
    name: 'rebuild',
    summary: 'Fold what the daemon answers from anew, and put right what differs',
    load: async () => (await import('./commands/rebuild.ts')).rebuild,
  },
  {
    name: 'reconcile',
    summary: 'Compare the log with containerd; with --dry-run only print the differences',
    load: async () => (await import('./commands/reconcile.ts')).reconcile,
  },
  {
    name: 'reload',
    summary: 'Have the daemon read its configuration file anew',
    load: async () => (await import('./commands/reload.ts')).reload,
  },
  {
    name: 'daemon',
    summary: 'Run the daemon itself',
    load: async () => (await import('./commands/daemon.ts')).daemon,
  },
];
