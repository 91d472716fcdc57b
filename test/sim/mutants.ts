/**
 * Daemons with one rule broken, as a test of the simulator: each has to be found. They are put
 * together here; nothing of them is in the daemon's code.
 */
import type { AppendOutcome, Log, NewFact } from '../../actors/ports.ts';
import type { ContainerDeps } from '../../effects/container/deps.ts';
import type { KnownImage } from '../../effects/container/observe.ts';
import type { Containers } from '../../effects/containerd/services/containers.ts';
import type { RunnableEffects } from '../../effects/run.ts';
import { containerFamily } from '../../machines/container.family.ts';
import type { Sight } from '../../machines/container.seen.ts';
import type { Family } from '../../machines/decision.ts';
import type { FamilyCommand } from '../../machines/exec.commands.ts';
import type { Draft, JsonObject } from '../../machines/words.ts';
import { asItIs, type Bug, type MakeEffects, type Wiring } from './wiring.ts';

/** Effects are begun when they are asked for, not when that is durable. */
function aheadOfTheLog(log: Log, effects: RunnableEffects): Log {
  const begin = (fact: NewFact): void => {
    for (const { type, params } of fact.effects) {
      if (type !== 'task.create') continue;
      const subject: object = JSON.parse(fact.contextText);
      void effects.run(type, params as JsonObject, subject, new AbortController().signal);
    }
  };
  return {
    ...log,
    append(facts, secrets): Promise<AppendOutcome> {
      for (const fact of facts) begin(fact);
      return log.append(facts, secrets);
    },
  };
}

/** Every record in containerd says that it is of the first run. */
function blindToRuns(make: MakeEffects, deps: ContainerDeps, bug: Bug): RunnableEffects {
  const { containers } = deps.containerd;
  const create: Containers['create'] = (record, options) => {
    const labels = { ...record.labels, 'shiplog.run': '1' };
    return containers.create({ ...record, labels }, options);
  };
  const containerd = { ...deps.containerd, containers: { ...containers, create } };
  return make({ ...deps, containerd }, bug);
}

/** After a failed start nothing is cleaned up, and it is said that it was. */
function forgetful(effects: RunnableEffects): RunnableEffects {
  return {
    policy: effects.policy,
    run(type, params, subject, signal) {
      const failed = Reflect.get(subject, 'lastFailure') !== null;
      if (type === 'run.clean' && failed) return Promise.resolve({ ok: true, data: {} });
      return effects.run(type, params, subject, signal);
    },
  };
}

/** Every draft of every decision, changed. */
function redrafted(change: (draft: Draft) => Draft): Family<FamilyCommand> {
  return {
    ...containerFamily,
    decide: (view, input) => {
      const decision = containerFamily.decide(view, input);
      if (decision.kind !== 'facts') return decision;
      return { ...decision, drafts: decision.drafts.map(change) };
    },
  };
}

/** The name is free when the container has run, though it is still there. */
function nameFreed(): Family<FamilyCommand> {
  return {
    ...containerFamily,
    decide: (view, input) => {
      const decision = containerFamily.decide(view, input);
      if (decision.kind !== 'facts') return decision;
      const drafts = decision.drafts.map((draft) => {
        if (draft.fact.type !== 'container.exited') return draft;
        const name = Reflect.get(view.state(draft.stream)?.context ?? {}, 'name');
        return { ...draft, free: [{ kind: 'name', key: String(name) }] };
      });
      return { ...decision, drafts };
    },
  };
}

const tellsEarly: Family<FamilyCommand> = {
  ...containerFamily,
  settles: (command, fact, stream) =>
    command.type === 'remove' && fact.type === 'container.remove-requested'
      ? { kind: 'done' }
      : containerFamily.settles(command, fact, stream),
};

const inventsExits: Family<FamilyCommand> = {
  ...containerFamily,
  decide: (view, input) => {
    const exit = input.kind === 'outcome' && input.effect.type === 'task.await-exit';
    if (!exit || !input.result.ok) return containerFamily.decide(view, input);
    const result = { ok: true as const, data: { ...input.result.data, code: 0 } };
    return containerFamily.decide(view, { ...input, result });
  },
};

/** Whatever a probe finds, the container is well. */
const inventsHealth: Family<FamilyCommand> = {
  ...containerFamily,
  decide: (view, input) => {
    const probe = input.kind === 'outcome' && input.effect.type === 'health.watch';
    if (!probe || !input.result.ok) return containerFamily.decide(view, input);
    const result = { ok: true as const, data: { ...input.result.data, passed: true, exitCode: 0 } };
    return containerFamily.decide(view, { ...input, result });
  },
};

/** The first verdict is the last: nobody is probed after it. */
function neverProbesAgain(effects: RunnableEffects): RunnableEffects {
  return {
    policy: effects.policy,
    run(type, params, subject, signal) {
      const judged = Reflect.get(Object(Reflect.get(subject, 'health')), 'status') !== 'starting';
      if (type === 'health.watch' && judged) return new Promise(() => undefined);
      return effects.run(type, params, subject, signal);
    },
  };
}

/** A volume may be removed under the containers that have it. */
function withoutShare({ take = [], ...draft }: Draft): Draft {
  return { ...draft, take: take.filter(({ kind }) => kind !== 'volume') };
}

/** What nobody here has made is ended. */
async function hostile(deps: ContainerDeps, images: readonly KnownImage[]): Promise<Sight> {
  const sight = await asItIs.look(deps, images);
  const { containers, tasks } = deps.containerd;
  for (const { id, labels } of await containers.list()) {
    if (labels['shiplog.run'] !== undefined) continue;
    await tasks.kill({ containerId: id, signal: 9 }).catch(() => undefined);
  }
  return sight;
}

const NOTHING_SEEN = { tasks: [], records: [], snapshots: [], images: [] };

export const MUTANTS: Readonly<Record<string, Wiring>> = {
  'skip-write-ahead': { ...asItIs, log: aheadOfTheLog },
  'ignore-run': { ...asItIs, effects: blindToRuns },
  'drop-reconcile': { ...asItIs, look: async () => NOTHING_SEEN, hints: false },
  'forget-undo': { ...asItIs, effects: (...parts) => forgetful(asItIs.effects(...parts)) },
  'free-claim-early': { ...asItIs, family: nameFreed() },
  'tell-early': { ...asItIs, family: tellsEarly },
  'invent-exit': { ...asItIs, family: inventsExits },
  'invent-health': { ...asItIs, family: inventsHealth },
  'probe-no-more': {
    ...asItIs,
    effects: (...parts) => neverProbesAgain(asItIs.effects(...parts)),
  },
  'end-strangers': { ...asItIs, look: hostile },
  'keep-volumes': { ...asItIs, volumes: false },
  'share-no-volume': { ...asItIs, family: redrafted(withoutShare) },
  'take-no-claim': { ...asItIs, family: redrafted(({ take: _, ...draft }) => draft) },
};
