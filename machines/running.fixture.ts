/** A container that was created, or runs, for specs of what is asked and heard of it then. */
import { containerStream } from './container.decide.ts';
import { containerFamily } from './container.family.ts';
import type { Input, Observation, View } from './decision.ts';
import { commands, ID } from './samples.fixture.ts';
import type { ActorState, Effect, Fact } from './words.ts';

export const STREAM = containerStream(ID);

/** Nothing has happened to it yet. */
export class Followed {
  readonly states = new Map<string, ActorState>();
  effects: Effect[] = [];

  fold(stream: string, fact: Fact): void {
    const folded = containerFamily.kindOf(stream).fold(this.states.get(stream), fact);
    this.states.set(stream, folded.state);
    this.effects.push(...folded.effects);
  }

  when(input: Input<never>): readonly string[] {
    const view: View = {
      state: (stream) => this.states.get(stream),
      holder: () => undefined,
      sharers: () => [],
      held: () => [],
    };
    const decision = containerFamily.decide(view, input);
    this.effects = [];
    const drafts = decision.kind === 'facts' ? decision.drafts : [];
    for (const { stream, fact } of drafts) this.fold(stream, fact);
    return drafts.map(({ fact }) => fact.type);
  }

  outcome(type: string, data: object): readonly string[] {
    const effect = { type, params: { id: ID, run: 1 } } as never;
    return this.when({
      kind: 'outcome',
      stream: STREAM,
      effect,
      result: { ok: true, data: { ...data } },
    });
  }

  seen(observation: Observation): readonly string[] {
    return this.when({ kind: 'observation', observation });
  }
}

/** It runs, and was found to. */
export class Running extends Followed {
  constructor() {
    super();
    const found = { task: { pid: 7, startTime: '1', bootId: 'b', paused: false }, atNs: null };
    this.when({ kind: 'command', command: commands['adopt'] as never });
    this.outcome('run.adopt', found);
  }
}

/** It was created. @param hostConfig over the sample's */
export class Created extends Followed {
  constructor(hostConfig: object = {}) {
    super();
    const create = commands['create'] as { readonly hostConfig: object };
    const command = { ...create, hostConfig: { ...create.hostConfig, ...hostConfig } };
    this.when({ kind: 'command', command: command as never });
    this.outcome('root.prepare', { snapshotter: 'overlayfs' });
  }
}
