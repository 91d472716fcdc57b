/**
 * What a simulated process does, said by its arguments: `['/program', 'lasts=1200', 'code=3']`.
 * Without `lasts` it runs until it is killed.
 *
 * | word          | meaning                                                      |
 * | ------------- | ------------------------------------------------------------ |
 * | lasts=MS      | ends by itself after that time                               |
 * | code=N        | its exit status then                                         |
 * | ignores-term  | takes no notice of any signal but SIGKILL                    |
 * | missing       | there is no such program: the runtime refuses to create it   |
 * | unstartable   | the runtime creates it, and can not start it                 |
 * | stuck=MS      | in the kernel: even SIGKILL works only so long after         |
 */
import { decodeJson } from '../../../effects/containerd/any.ts';
import type { EncodedAny } from '../../../effects/containerd/types.ts';

export interface Program {
  readonly name: string;
  readonly lastsMs: number | null;
  readonly code: number;
  readonly ignoresTerm: boolean;
  readonly missing: boolean;
  readonly unstartable: boolean;
  readonly stuckMs: number;
}

export function programOf(args: readonly string[]): Program {
  const [name = '', ...words] = args;
  const number = (key: string): number | null => {
    const word = words.find((each) => each.startsWith(`${key}=`));
    return word === undefined ? null : Number(word.slice(key.length + 1));
  };
  return {
    name,
    lastsMs: number('lasts'),
    code: number('code') ?? 0,
    ignoresTerm: words.includes('ignores-term'),
    missing: words.includes('missing'),
    unstartable: words.includes('unstartable'),
    stuckMs: number('stuck') ?? 0,
  };
}

/** Of an OCI spec. */
export function argsOfSpec(spec: EncodedAny | null): readonly string[] {
  if (spec === null) return [];
  return argsOfProcess(Object(decodeJson(spec))['process']);
}

/** Directories of volumes that an OCI spec mounts. */
export function volumesOfSpec(spec: EncodedAny | null): readonly string[] {
  const mounts: unknown = spec === null ? [] : Object(decodeJson(spec))['mounts'];
  const sources = (Array.isArray(mounts) ? mounts : []).map((mount) => Object(mount)['source']);
  return sources.map(String).filter((source) => source.includes('/volumes/'));
}

/** Of an OCI process. */
export function argsOfProcess(process: unknown): readonly string[] {
  const args: unknown = Object(process)['args'];
  return Array.isArray(args) ? args.map(String) : [];
}
