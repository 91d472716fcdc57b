/** A value on its way beside the log: the fact keeps its digest, under a salt of its own. */
import { createHash } from 'node:crypto';
import type { SecretValue } from '../machines/container.commands.ts';
import type { Ambient } from './ports.ts';

/** In place of a value: the variable is taken away, whoever sets it. */
export const takenAway = (name: string): SecretValue => ({
  ref: { name, digest: '' },
  salt: '',
  value: '',
});

export function secret(ambient: Ambient, name: string, value: string): SecretValue {
  const salt = ambient.randomHex(16);
  const digest = createHash('sha256')
    .update(Buffer.from(salt, 'hex'))
    .update(value, 'utf8')
    .digest('hex');
  return { ref: { name, digest }, salt, value };
}
