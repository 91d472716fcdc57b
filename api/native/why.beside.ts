/** Facts that belong to a container and lie in other streams: its execs, and its health. */
import type { ExecFact } from '../../machines/exec.facts.ts';
import type { HealthFact } from '../../machines/health.facts.ts';
import type { WhyFact } from './ports.ts';
import { probeWords } from './why.health.ts';
import { exitWords } from './why.phrases.ts';

const SECOND_MS = 1_000;

/** Of an exec what was asked and what came of it; of health what changed. */
export function isToldBeside({ type, data }: WhyFact): boolean {
  switch (type as (ExecFact | HealthFact)['type']) {
    case 'exec.created':
    case 'exec.start-failed':
    case 'exec.exited':
    case 'health.watched':
    case 'health.failed':
    case 'health.watch-failed':
      return true;
    case 'health.passed':
      return data['before'] !== data['status'];
    default:
      return false;
  }
}

const commandWords = (argv: readonly string[]): string =>
  argv.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');

/** Undefined: it has no words. */
export function besideWords({ stream, type, data }: WhyFact, by: string): string | undefined {
  const fact = { type, data } as ExecFact | HealthFact;
  const exec = `exec ${(stream.split('/')[2] ?? '').slice(0, 12)}`;
  switch (fact.type) {
    case 'exec.created':
      return `${by} asked to run ${commandWords(fact.data.config.Cmd)} in it (${exec})`;
    case 'exec.start-failed':
      return `${exec} could not be started: ${fact.data.message}`;
    case 'exec.exited':
      return exitWords(fact.data, exec);
    case 'health.watched': {
      const { argv, intervalMs } = fact.data.check;
      return `its health is checked every ${intervalMs / SECOND_MS} s: ${commandWords(argv)}`;
    }
    case 'health.passed':
      return `a health check passed: it is ${fact.data.status}`;
    case 'health.failed': {
      const { before, status, streak, exitCode } = fact.data;
      const now = before === status ? '' : `: it is ${status}`;
      return `a health check failed (${probeWords(exitCode)}), ${streak} in a row${now}`;
    }
    case 'health.watch-failed':
      return `its health could not be checked: ${fact.data.message}`;
    default:
      return undefined;
  }
}
