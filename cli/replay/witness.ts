/** A head witness as text: `POSITION:HASH`, then the log's id. */
import type { Witness } from '../../store/verify.ts';

export interface KeptWitness extends Witness {
  /** Empty: it does not say. */
  readonly logId: string;
}

/** @returns undefined for what is none */
export function parseWitness(text: string): KeptWitness | undefined {
  const [, position, hash, logId = ''] =
    /^(\d{1,15}):([0-9a-f]{64})(?:\s+(\S+))?\s*$/.exec(text) ?? [];
  return position === undefined || hash === undefined
    ? undefined
    : { position: Number(position), hash, logId };
}

export const printWitness = ({ position, hash }: Witness): string => `${position}:${hash}`;
