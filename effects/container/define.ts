/**
 * The common part of every handler: whatever its body throws leaves as an `EffectFailure`, so that
 * the agenda knows whether to give up, to wait or to look again.
 */
import type { EffectData, HandledEffectType } from '../../machines/effects.ts';
import { ContainerdError, toEffectFailure } from '../containerd/errors.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler, HandlerInput } from '../handler.ts';

export type HandlerBody<T extends HandledEffectType> = (
  input: HandlerInput<T>,
) => Promise<EffectData[T]>;

/** A handler out of its row of the registry and its body. */
export function defineHandler<T extends HandledEffectType>(
  row: Omit<Handler<T>, 'do'>,
  body: HandlerBody<T>,
): Handler<T> {
  return {
    ...row,
    async do(input) {
      try {
        return await body(input);
      } catch (error) {
        throw asFailure(error, input.signal);
      }
    },
  };
}

/** A body broken off by its own signal has not failed: nobody knows what it has done. */
function asFailure(error: unknown, signal: AbortSignal): EffectFailure {
  if (error instanceof EffectFailure) return error;
  if (signal.aborted && !(error instanceof ContainerdError)) {
    return new EffectFailure('deadline', String(signal.reason), { cause: error });
  }
  return toEffectFailure(error);
}
