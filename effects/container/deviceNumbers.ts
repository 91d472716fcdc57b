/** Numbers of the host's device nodes, for limits of block I/O. */
import { EffectFailure } from '../failure.ts';
import type { DeviceNumbers } from '../spec/resources.ts';
import { codeOf } from '../system/libc.ts';
import type { SystemPort } from './systemPort.ts';

/** The function throws EffectFailure `failed` with dockerd's text when there is no such path. */
export function deviceNumbersOf({ devices }: Pick<SystemPort, 'devices'>): DeviceNumbers {
  return (path) => {
    try {
      const { major = 0, minor = 0 } = devices.node(path) ?? {};
      return { major, minor };
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      const message = `stat ${path}: no such file or directory`;
      throw new EffectFailure('failed', message, { cause: error });
    }
  };
}
