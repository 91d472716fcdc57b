/** What may be asked of an exec, and of the whole family of a container. */
import type { ContainerCommand, SecretValue } from './container.commands.ts';
import type { ExecConfig } from './exec.facts.ts';
import type { ContainerId } from './words.ts';

export type ExecCommand =
  | {
      readonly type: 'exec-create';
      /** The container; also of `exec-start`. */
      readonly id: ContainerId;
      readonly execId: string;
      readonly config: ExecConfig;
      readonly env: readonly SecretValue[];
    }
  | {
      readonly type: 'exec-start';
      readonly id: ContainerId;
      readonly execId: string;
      readonly detach: boolean;
    };

export type FamilyCommand = ContainerCommand | ExecCommand;

export function isExecCommand(command: FamilyCommand): command is ExecCommand {
  return command.type === 'exec-create' || command.type === 'exec-start';
}
