/**
 * How long each command may take before its caller is told, and which need the runtime to be
 * there.
 */
import type { FamilyCommand } from './exec.commands.ts';

/** Longer than the sum of the deadlines of the effects that a step consists of. */
const STEP_MS = 150_000;
/** After the stop timeout: SIGKILL, its 10 s, and the clean-up. */
const AFTER_STOP_MS = 60_000;

/** Milliseconds; null: the caller waits for ever, as it asked (a negative stop timeout). */
export function deadlineOf(command: FamilyCommand): number | null {
  switch (command.type) {
    case 'stop':
      return command.timeoutMs === null ? null : command.timeoutMs + AFTER_STOP_MS;
    case 'restart':
      return command.timeoutMs === null ? null : command.timeoutMs + AFTER_STOP_MS + STEP_MS;
    default:
      return STEP_MS;
  }
}

/** Stop and forced removal are taken as intents while containerd is away; a rename needs nobody. */
export function needsRuntime(command: FamilyCommand): boolean {
  if (command.type === 'stop' || command.type === 'rename') return false;
  if (command.type === 'update') return command.resources !== undefined;
  return !(command.type === 'remove' && command.force);
}
