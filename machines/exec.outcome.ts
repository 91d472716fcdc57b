/** What the outcome of an exec's effect or timer means: the facts of that exec alone. */
import type { ExitRecord } from './container.facts.ts';
import type { Decision, Input, View } from './decision.ts';
import type { EffectData } from './effects.ts';
import { execFacts } from './exec.decide.ts';
import type { ExecFact } from './exec.facts.ts';
import type { ExecContext } from './exec.machine.ts';
import { startFailureCode } from './startFailure.ts';
import type { EffectError } from './words.ts';

type Outcome = Extract<Input, { kind: 'outcome' }>;

export function decideExecOutcome(view: View, outcome: Outcome): Decision {
  const { stream, effect } = outcome;
  const context = view.state(stream)?.context as ExecContext | undefined;
  const facts = factsOf(outcome);
  if (context === undefined || facts.length === 0) return { kind: 'nothing' };
  // An exec is started once: after that nobody needs the values of its environment.
  const erase = effect.type === 'exec.start' ? context.env.map(({ digest }) => digest) : [];
  const drafts = execFacts(stream, ...facts).map((draft) => ({ ...draft, erase }));
  return { kind: 'facts', drafts };
}

function factsOf({ effect, result }: Outcome): readonly ExecFact[] {
  switch (effect.type) {
    case 'exec.start':
      if (!result.ok) return [startFailed(result.error)];
      return started(result.data as object as EffectData['exec.start']);
    case 'exec.await-exit':
      if (!result.ok) return [{ type: 'exec.exited', data: unknownExit(result.error) }];
      return [{ type: 'exec.exited', data: result.data as object as ExitRecord }];
    case 'exec.clean':
      if (result.ok) return [{ type: 'exec.cleaned', data: {} }];
      return [{ type: 'exec.clean-failed', data: { message: result.error.message } }];
    case 'timer':
      return [{ type: 'exec.retry-due', data: {} }];
    default:
      return [];
  }
}

/** What has ended by the time that its start is known is one append. */
function started({ pid, exit }: EffectData['exec.start']): readonly ExecFact[] {
  if (exit === undefined) return [{ type: 'exec.started', data: { pid } }];
  return [
    { type: 'exec.started', data: { pid, over: true } },
    { type: 'exec.exited', data: exit },
  ];
}

/** An exec that could not start shows 127 where the program is missing, else 126. */
function startFailed({ message }: EffectError): ExecFact {
  const exitCode = startFailureCode(message) === 127 ? 127 : 126;
  return { type: 'exec.start-failed', data: { message, exitCode } };
}

const unknownExit = ({ message }: EffectError): ExitRecord => ({
  code: null,
  atNs: null,
  oomKilled: false,
  outputEnded: false,
  evidence: message,
});
