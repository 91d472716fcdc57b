/** What a probe means for the health of a run. */
import type { Decision, Input, View } from './decision.ts';
import type { EffectData } from './effects.ts';
import type { HealthFact, ProbeVerdict } from './health.facts.ts';
import type { HealthContext } from './health.machine.ts';
import type { EffectResult } from './words.ts';

type Outcome = Extract<Input, { kind: 'outcome' }>;

export function decideHealthOutcome(view: View, { stream, effect, result }: Outcome): Decision {
  const context = view.state(stream)?.context as HealthContext | undefined;
  if (context === undefined) return { kind: 'nothing' };
  const fact = factOf(context, effect.type, result);
  return fact === undefined ? { kind: 'nothing' } : { kind: 'facts', drafts: [{ stream, fact }] };
}

function factOf(
  context: HealthContext,
  type: string,
  result: EffectResult,
): HealthFact | undefined {
  switch (type) {
    case 'health.watch':
      if (result.ok) return judged(context, result.data as object as EffectData['health.watch']);
      return { type: 'health.watch-failed', data: { message: result.error.message } };
    case 'health.clean':
      return {
        type: 'health.cleaned',
        data: { problem: result.ok ? null : result.error.message },
      };
    case 'timer':
      return { type: 'health.retry-due', data: {} };
    default:
      return undefined;
  }
}

/** As many failures in a row as the check allows make it unhealthy; one success ends them. */
function judged(context: HealthContext, verdict: ProbeVerdict): HealthFact {
  const { status: before, check } = context;
  const { passed, exitCode, atNs } = verdict;
  const seen = { passed, exitCode, atNs };
  if (passed) return { type: 'health.passed', data: { ...seen, before, status: 'healthy' } };
  const streak = context.streak + 1;
  const status = streak >= check.retries ? 'unhealthy' : before;
  return { type: 'health.failed', data: { ...seen, before, status, streak } };
}
