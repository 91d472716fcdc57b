/** Chain ids name a stack of layers; they are the keys of committed snapshots (OCI image spec). */
import { createHash } from 'node:crypto';

/** One for each layer, base first: the id of the stack up to that layer. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : sha256(`${below} ${diffId}`));
  }
  return chain;
}

export function sha256(data: string | Buffer): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}
