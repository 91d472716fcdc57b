/** A container's state in words and numbers as Docker shows them. */
import type { ContainerSummary } from '../../projections/views.ts';
import { durationWords } from '../time.ts';
import { healthText } from './health.ts';

/** What the facade calls an exit that nobody knows. */
const UNKNOWN_EXIT = 255;

/** 0 before the first exit; what is unknown is 255. */
export function exitCode(summary: ContainerSummary): number {
  if (summary.exitCode !== null) return summary.exitCode;
  return summary.finishedNs !== null && !summary.exitKnown ? UNKNOWN_EXIT : 0;
}

/** Docker's `State.Running`: also while paused and while waiting for a restart. */
export const isRunning = ({ status }: ContainerSummary): boolean =>
  status === 'running' || status === 'paused' || status === 'restarting';

/** The text in the STATUS column of `docker ps`. */
export function statusText(summary: ContainerSummary, nowNs: bigint): string {
  const ago = (ns: bigint | null): string =>
    durationWords(ns === null || nowNs < ns ? 0n : nowNs - ns);
  switch (summary.status) {
    case 'running':
      return `Up ${ago(summary.startedNs)}${healthText(summary)}`;
    case 'paused':
      return `Up ${ago(summary.startedNs)} (Paused)`;
    case 'restarting':
      return `Restarting (${exitCode(summary)}) ${ago(summary.finishedNs)} ago`;
    case 'exited':
      return `Exited (${exitCode(summary)}) ${ago(summary.finishedNs)} ago`;
    case 'created':
      return 'Created';
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
  }
}
