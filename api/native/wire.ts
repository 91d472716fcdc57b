/** The forms that several answers of the native API share. Instants are RFC 3339, nine digits. */
import type { Difference } from '../../machines/container.seen.ts';
import type { Waiting } from '../../machines/container.waiting.ts';
import type { NativeDifference, NativeReconcile, NativeWaiting } from '../openapi.gen.ts';
import { rfc3339Fixed } from '../time.ts';
import type { Reconciled } from './ports.ts';

/** Of decimal nanoseconds; null stays null. */
export const instant = (ns: string | null): string | null =>
  ns === null ? null : rfc3339Fixed(BigInt(ns));

export function waitingJson(waiting: Waiting): NativeWaiting {
  const { effect, words, sinceNs, dueNs, tries, lastError } = waiting;
  return {
    effect,
    words,
    since: rfc3339Fixed(sinceNs),
    due: dueNs === null ? null : rfc3339Fixed(dueNs),
    tries,
    lastError,
  };
}

export const differenceJson = ({ kind, subject, sentence }: Difference): NativeDifference => ({
  kind,
  subject,
  sentence,
});

export const reconcileJson = ({ atNs, checked, differences }: Reconciled): NativeReconcile => ({
  at: rfc3339Fixed(BigInt(atNs)),
  checked,
  differences: differences.map(differenceJson),
});
