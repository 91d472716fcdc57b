/** A slice of the simulation, and whether its checkers find what they are for. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ContainerCommand } from '../../machines/container.commands.ts';
import { containerFamily } from '../../machines/container.family.ts';
import type { Family } from '../../machines/decision.ts';
import { problems } from './checkers.ts';
import { simulate } from './simulation.ts';

/** A new slice each day, the same for all who run it that day. */
const FIRST = Math.floor(Date.now() / 86_400_000) * 100;
const SEEDS = 40;
const MUTANT_SEEDS = 30;

it(`holds the invariants for ${SEEDS} seeds from ${FIRST}`, async () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
    const wrong = await simulate({ seed }, problems);
    assert.deepEqual(wrong, [], `again: npm run sim -- --seed ${seed} --trace`);
  }
});

it('gives the same trace for the same seed, byte for byte', async () => {
  const once = await simulate({ seed: 7 }, ({ trace }) => trace.join('\n'));
  const twice = await simulate({ seed: 7 }, ({ trace }) => trace.join('\n'));
  assert.equal(twice, once);
  assert.ok(once.length > 1_000);
});

const mutants: Readonly<Record<string, Family<ContainerCommand>>> = {
  'tells the caller before it has happened': {
    ...containerFamily,
    settles: (command, fact, stream) =>
      command.type === 'remove' && fact.type === 'container.remove-requested'
        ? { kind: 'done' }
        : containerFamily.settles(command, fact, stream),
  },
  'invents exit code 0': {
    ...containerFamily,
    decide: (view, input) => {
      const exit = input.kind === 'outcome' && input.effect.type === 'task.await-exit';
      if (!exit || !input.result.ok) return containerFamily.decide(view, input);
      const result = { ok: true as const, data: { ...input.result.data, code: 0 } };
      return containerFamily.decide(view, { ...input, result });
    },
  },
  'drops the claim on the name': {
    ...containerFamily,
    decide: (view, input) => {
      const decision = containerFamily.decide(view, input);
      if (decision.kind !== 'facts') return decision;
      const drafts = decision.drafts.map(({ take: _, ...draft }) => draft);
      return { ...decision, drafts };
    },
  },
};

for (const [name, family] of Object.entries(mutants)) {
  it(`finds the mutant that ${name}`, async () => {
    for (let seed = 1; seed <= MUTANT_SEEDS; seed += 1) {
      if ((await simulate({ seed, family }, problems)).length > 0) return;
    }
    assert.fail(`not found in ${MUTANT_SEEDS} seeds`);
  });
}
