/** What can happen to an exec: one more process in a running container. Past tense. */
import type { SecretRef } from './container.config.ts';
import type { ExitRecord } from './container.facts.ts';
import type { ContainerId, Fact } from './words.ts';

/** Engine API `ExecConfig` with its own field names, without `Env`. */
export interface ExecConfig {
  readonly Cmd: readonly string[];
  /** Empty: the container's. */
  readonly User: string;
  /** Empty: the container's. */
  readonly WorkingDir: string;
  readonly Privileged: boolean;
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly Tty: boolean;
  readonly DetachKeys: string;
  /** First size of the terminal: height, width. Absent: the client did not say. */
  readonly ConsoleSize?: readonly [number, number];
}

export type ExecFact =
  | Fact<
      'exec.created',
      {
        readonly execId: string;
        readonly container: ContainerId;
        /** The run of the container that it belongs to; it can not be started in another. */
        readonly run: number;
        readonly config: ExecConfig;
        readonly env: readonly SecretRef[];
      }
    >
  | Fact<'exec.start-requested', { readonly detach: boolean }>
  /** `over`: its exit is in the same append, and nobody is to wait for it. */
  | Fact<'exec.started', { readonly pid: number; readonly over?: true }>
  /** `exitCode`: what inspect shows, 126 or 127. */
  | Fact<'exec.start-failed', { readonly message: string; readonly exitCode: number }>
  | Fact<'exec.exited', ExitRecord>
  /** Nothing of it is left in the world. */
  | Fact<'exec.cleaned', Record<string, never>>
  | Fact<'exec.clean-failed', { readonly message: string }>
  | Fact<'exec.retry-due', Record<string, never>>;
