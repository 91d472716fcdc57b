/**
 * The form of every decision: pure, synchronous, (view, input) to drafts of facts, a refusal,
 * nothing to do, or "not yet". A family is a root actor with the actors that change together with
 * it (a container and its tasks): one mailbox, so that a child's fact and its parent's reaction
 * are one append.
 */
import type { Refusal, SecretValue } from './container.commands.ts';
import type { EffectType } from './effects.ts';
import type { Stepped } from './step.ts';
import type {
  ActorState,
  Claim,
  Draft,
  EffectResult,
  Fact,
  JsonObject,
  StreamName,
} from './words.ts';

/** The states that a decision may look at. */
export interface View {
  /** Of another mailbox: as of the last commit. What hangs on it has to be claimed as well. */
  state(stream: StreamName): ActorState | undefined;
  /** Which stream holds a claim, whatever family it is of; undefined if it is free. */
  holder(claim: Claim): StreamName | undefined;
  /** Which streams hold shares of a claim. */
  sharers(claim: Claim): readonly StreamName[];
  /** The claim and its shares that are held, also those that are about to be written. */
  held(claim: Claim): readonly HeldClaim[];
}

export interface HeldClaim {
  readonly key: string;
  readonly holder: StreamName;
}

export interface Command {
  readonly type: string;
}

export type Input<C extends Command = Command> = {
  /** Ports of the host that somebody listens on, for a decision that is to pass over them. */
  readonly busyPorts?: readonly number[];
} & (
  | { readonly kind: 'command'; readonly command: C }
  /** The outcome of an effect, or a timer that fell due. */
  | {
      readonly kind: 'outcome';
      readonly stream: StreamName;
      readonly effect: { readonly type: EffectType; readonly params: JsonObject };
      readonly result: EffectResult;
    }
  | { readonly kind: 'observation'; readonly observation: Observation }
);

/**
 * What the world was seen to be, unasked. `paused`/`running`: of the run that the log knows;
 * `unrecorded`: its task is there, and containerd's record of it is not. `kills`: how many of its
 * processes the kernel has killed for lack of memory.
 */
export type Observation = {
  readonly container: string;
  readonly run: number;
} & (
  | { readonly type: 'task-seen'; readonly status: 'running' | 'paused' | 'unrecorded' }
  | { readonly type: 'kills-seen'; readonly kills: number }
);

export type Decision =
  | {
      readonly kind: 'facts';
      readonly drafts: readonly Draft[];
      readonly secrets?: readonly SecretValue[];
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It is so already. */
  | { readonly kind: 'nothing' }
  /** Decide again after the next fact of this family; `waitingFor` is told at the deadline. */
  | { readonly kind: 'defer'; readonly waitingFor: string };

/** What became of an accepted command. */
export type Settlement =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** One kind of stream: how its facts fold. */
export interface StreamKind {
  readonly name: string;
  /** Raised when replay of old rows would see a difference (law 3). */
  readonly revision: number;
  fold(state: ActorState | undefined, fact: Fact): Stepped<object>;
}

export interface Family<C extends Command = Command> {
  readonly name: string;
  /** Mailbox of a stream of this family; undefined: not of this family. */
  keyOf(stream: StreamName): string | undefined;
  /** Mailbox of a command. */
  keyOfCommand(command: C): string;
  /** Streams whose states a decision may ask for, given the mailbox. */
  kindOf(stream: StreamName): StreamKind;
  decide(view: View, input: Input<C>): Decision;
  /** Whether deciding it passes over busy ports: then they come in with it. Absent: never. */
  wantsBusyPorts?(view: View, input: Input<C>): boolean;
  /**
   * A claim that a decision wanted is held by another stream. `again`: decided anew it would want
   * another one.
   */
  claimRefused(claim: Claim, holder: StreamName): Refusal | 'again';
  /**
   * Whether `fact` (of the same family, after the command was accepted) is what the command was
   * to lead to.
   */
  settles(command: C, fact: Fact, stream: StreamName): Settlement | undefined;
  /** Commands that free something: on a full disk they are let through as long as it goes. */
  endsThings(command: C): boolean;
  /** Context that an effect's handler gets beside the params. */
  subject(view: View, stream: StreamName): object;
}
