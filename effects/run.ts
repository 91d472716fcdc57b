/**
 * The registry as the agenda sees it: a policy by type, and a run that answers instead of
 * throwing.
 */
import type { EffectResult, JsonObject } from '../machines/words.ts';
import { EffectFailure } from './failure.ts';
import type { Handler, Registry } from './handler.ts';

type AnyHandler = Omit<Handler<'task.kill'>, 'do'> & {
  do(input: unknown): Promise<object>;
};

export interface RunnableEffects {
  policy(type: string): Pick<AnyHandler, 'deadlineMs' | 'lane' | 'tries' | 'class'>;
  run(
    type: string,
    params: JsonObject,
    subject: object,
    signal: AbortSignal,
  ): Promise<EffectResult>;
}

/**
 * An exception that is no `EffectFailure` is a bug of the handler; it is told and answered as
 * final.
 */
export function runnableEffects(
  registry: Registry,
  bug: (type: string, error: unknown) => void,
): RunnableEffects {
  const handlers: ReadonlyMap<string, unknown> = new Map(Object.entries(registry));
  const handlerOf = (type: string): AnyHandler => {
    const handler = handlers.get(type) as AnyHandler | undefined;
    if (handler === undefined) throw new Error(`no handler for effect ${type}`);
    return handler;
  };
  return {
    policy: (type) => handlerOf(type),
    async run(type, params, subject, signal) {
      try {
        const input = { params, subject, signal };
        const data = await handlerOf(type).do(input);
        return { ok: true, data: data as JsonObject };
      } catch (error) {
        if (error instanceof EffectFailure) {
          return { ok: false, error: { kind: error.kind, message: error.message } };
        }
        bug(type, error);
        return { ok: false, error: { kind: 'failed', message: String(error) } };
      }
    },
  };
}
